import { createHash } from 'node:crypto';
import { type Contract, writtenNames } from '#contracts';

/**
 * Digest of what a contract requires. It is a param of every task that checks, so that a changed contract is a changed
 * goal. Expectations are functions; they are represented by their SQL over placeholder names.
 */
export function contractIdentity(contract: Contract): string {
  const names = writtenNames(contract.columns);
  const { expectations: asserted, description: _, ...rest } = contract;
  const expectations = asserted.map(({ sql, ...described }) => ({ ...described, sql: sql(names) }));
  const text = JSON.stringify({ ...rest, expectations });
  return createHash('sha256').update(text).digest('hex');
}
