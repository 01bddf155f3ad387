import path from 'node:path';
import type { Contract } from '../contract.ts';
import { keepColumns } from './keep-columns.ts';
import type { HeaderMatch } from './match-header.ts';

/** The good rows, without the columns that a contract with evolution `discard` does not know. */
export async function goodPart(
  { evolution, columns, delimiter }: Contract,
  { header, good }: { readonly header: HeaderMatch; readonly good: string },
): Promise<string> {
  if (evolution !== 'discard' || header.extra.length === 0) return good;
  const kept = header.names.flatMap((name, position) => (columns[name] === undefined ? [] : [position]));
  const narrow = path.join(path.dirname(good), 'good-discarded.csv');
  await keepColumns(good, { into: narrow, positions: kept, delimiter });
  return narrow;
}
