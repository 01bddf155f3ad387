import type { HeaderMatch } from '../check/match-header.ts';
import type { ColumnKind, Contract, NamesThere, SqlNames } from '../contract.ts';
import { FILE, ROW } from '../spark/spark-dialect.ts';
import { sparkIdentifier } from '../spark/spark-text.ts';
import { maybeSparkConstant, sparkTypeOf, typedSparkSql } from '../spark/typed-spark-sql.ts';

/** The texts of all rows of a set, with their places. */
export const SOURCE = 'weir_source';
/** The same rows with their values by the kinds of their columns, and with what is wrong with each by itself. */
export const ROWS = 'weir_rows';

/** A set whose files have these columns. */
export interface SetColumns {
  readonly contract: Contract;
  readonly header: Pick<HeaderMatch, 'names' | 'positions'>;
}

export const rawName = (position: number): string => `weir_raw_${position}`;

/** What SQL of rules calls the columns of a set. */
export function setNames({ contract, header }: SetColumns, there?: NamesThere): SqlNames {
  const kindOf = (column: string): ColumnKind => contract.columns[column]?.kind ?? 'text';
  const raw = (column: string): string => rawName(header.positions.get(column) ?? -1);
  return {
    table: ROWS,
    typed: sparkIdentifier,
    typedAs: (column, kind) => (kindOf(column) === kind ? sparkIdentifier(column) : typedSparkSql(kind, raw(column))),
    raw,
    constant: (column, value) => maybeSparkConstant(kindOf(column), value),
    ...(there === undefined ? {} : { there }),
  };
}

/** Selects the places, texts and values of all rows. What people write may name columns that the files lack: they are null. */
export function typedQuery({ contract, header }: SetColumns): string {
  const columns = Object.entries(contract.columns).map(([name, { kind }]) => {
    const position = header.positions.get(name);
    const value =
      position === undefined ? `cast(null as ${sparkTypeOf(kind)})` : typedSparkSql(kind, rawName(position));
    return `${value} as ${sparkIdentifier(name)}`;
  });
  const texts = header.names.map((_, position) => rawName(position));
  return `select ${[FILE, ROW, ...texts, ...columns].join(', ')} from ${SOURCE}`;
}
