import type { Database, Transaction } from '#store';
import { type RecordedChange, recordChange } from './record-change.ts';

/**
 * Runs a change in one transaction with its entry in the audit log: both are stored, or neither. The change gets a
 * database of which everything is inside that transaction; where it says of none, nothing was changed.
 */
export function changeTogether<T>(
  database: Database,
  change: (inside: Database) => Promise<T>,
  toRecord: (answer: T, inside: Database) => Promise<RecordedChange | undefined>,
): Promise<T> {
  return database.transaction(async (tx) => {
    const inside = { ...database, query: tx.query, transaction: nestedIn(tx) };
    const answer = await change(inside);
    const record = await toRecord(answer, inside);
    if (record !== undefined) await recordChange(tx, record);
    return answer;
  });
}

/** A transaction within one: what fails in it is undone up to where it began. */
function nestedIn(tx: Transaction): Database['transaction'] {
  return async (work) => {
    await tx.query('savepoint change');
    try {
      const result = await work(tx);
      await tx.query('release savepoint change');
      return result;
    } catch (error) {
      await tx.query('rollback to savepoint change');
      throw error;
    }
  };
}
