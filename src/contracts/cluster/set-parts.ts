import type { Flag } from '../check/flags.ts';
import { reasonOf } from '../check/reason-of.ts';
import type { ColumnKind } from '../contract.ts';
import { FILE, ROW } from '../spark/spark-dialect.ts';
import { sparkIdentifier, sparkLiteral } from '../spark/spark-text.ts';
import { rawName, type SetColumns } from './set-columns.ts';
import { hasAny, hasFlag } from './set-flags.ts';

/** Good and bad rows are told apart by flags, unless all of them are bad. */
export interface Parting {
  /** The view of the rows with their flags. */
  readonly from: string;
  readonly failing: readonly Flag[];
  /** Why no row is good. */
  readonly everyRow: readonly string[];
}

/** Selects the good rows: their values in the contract's order, and their places. */
export function goodQuery(set: SetColumns, { from, failing, everyRow }: Parting): string {
  const isBad = everyRow.length > 0 ? 'true' : hasAny(failing);
  return `select ${[...goodColumns(set), FILE, ROW].join(', ')} from ${from} where not (${isBad})`;
}

/** Selects the bad rows: their places, all their reasons, and their texts. */
export function badQuery({ header }: SetColumns, { from, failing, everyRow }: Parting): string {
  const always = everyRow.map(sparkLiteral);
  const own = failing.map((flag) => `case when ${hasFlag(flag)} then ${sparkLiteral(reasonOf(flag.expectation))} end`);
  const reasons = `concat_ws('; ', ${[...always, ...own].join(', ')}) as violations`;
  const texts = header.names.map((name, position) => `${rawName(position)} as ${sparkIdentifier(name)}`);
  const isBad = everyRow.length > 0 ? 'true' : hasAny(failing);
  return `select ${[FILE, ROW, reasons, ...texts].join(', ')} from ${from} where ${isBad}`;
}

/** Values of these kinds stay texts, which say more than the numbers that they are compared by. */
const AS_TEXT: readonly ColumnKind[] = ['time', 'duration'];

function goodColumns({ contract, header }: SetColumns): readonly string[] {
  const known = Object.entries(contract.columns).flatMap(([name, { kind }]) => {
    const position = header.positions.get(name);
    if (position === undefined) return [];
    return AS_TEXT.includes(kind) ? [`${rawName(position)} as ${sparkIdentifier(name)}`] : [sparkIdentifier(name)];
  });
  const extra = header.names.flatMap((name, position) =>
    contract.columns[name] === undefined ? [`${rawName(position)} as ${sparkIdentifier(name)}`] : [],
  );
  return contract.evolution === 'discard' ? known : [...known, ...extra];
}
