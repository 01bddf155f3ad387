import { type Database, foldCountsSql } from '#store';

const FOLDS = [
  {
    name: 'check_counts',
    keys: ['source', 'verdict', 'criticality'],
    sums: ['files', 'size_bytes', 'rows_in', 'rows_valid', 'rows_invalid', 'files_again'],
  },
  {
    name: 'problem_counts',
    keys: ['source', 'category', 'severity', 'column_name', 'expectation'],
    sums: ['problems', 'files', 'rows'],
    others: { sentence: 'greatest', first_at: 'least', last_at: 'greatest' },
  },
  { name: 'column_counts', keys: ['source', 'column_name'], sums: ['files', 'rows_in', 'nulls', 'numbers', 'total'] },
].map(foldCountsSql);

/** Adds the counts of checks that arrived since the last time to those by the minute and the hour. Any number of processes may do it at once. */
export async function foldCheckCounts(database: Database): Promise<void> {
  for (const fold of FOLDS) await database.query(fold);
}
