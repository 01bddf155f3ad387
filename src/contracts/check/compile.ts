import type { ColumnKind, Contract, Expectation, NamesThere, SqlNames } from '../contract.ts';
import { maybeConstantSql } from '../kinds/cell-value.ts';
import { sqlTypeOf } from '../kinds/duckdb-type.ts';
import { provenNumberSql, typedSql } from '../kinds/typed-sql.ts';
import { HEADER_TABLE } from '../rules/to-sql.ts';
import { identifier, literal } from '../sql.ts';
import {
  countFlaggedSql,
  FLAGGED_TABLE,
  type Flag,
  flaggedSql,
  flagsOf,
  isKey,
  masksOf,
  masksSql,
  ROWS_TABLE,
} from './flags.ts';
import { type HeaderMatch, shownName } from './match-header.ts';
import type { Placed } from './placed-expectations.ts';
import type { CheckGroup } from './plan-groups.ts';
import { columnsUsedBy } from './used-columns.ts';

/** The DuckDB statements of one group for one file. Pure text; `evaluate.ts` runs them. */
export interface CompiledGroup {
  readonly flags: readonly Flag[];
  readonly tables: readonly (Placed & { readonly sql: string })[];
  /** Creates the table of typed columns and masks from the canonical file, which is read only here. */
  readonly createRows: string;
  /** Selects the rows that violate anything, in order: `row`, and all masks `m<i>`. */
  readonly flagged: string;
  /** Creates a table of them, which the next statement reads. */
  readonly createFlagged: string;
  /** One row: `v<bit>` for each bit. */
  readonly countFlagged: string;
  /** Numbers of its masks, continuing those of the previous group. */
  readonly masks: readonly number[];
}

/** How many rows of the table there are: one row with `rows`. */
export const COUNT_ROWS = `select count(*) as "rows" from ${ROWS_TABLE}`;

/** The results of `countFlagged`, and what a pass counts: numbers by name. */
export type Counts = Readonly<Record<string, number | null>>;

export interface CompileOptions {
  /** Of the canonical file. */
  readonly header: Pick<HeaderMatch, 'names' | 'positions'>;
  /** Path of the canonical file. */
  readonly file: string;
  readonly recordBytesLongest: number;
  /** Columns of numbers of which a pass has found that each cell is one or empty; none unless set. */
  readonly proven?: ReadonlySet<string>;
}

export interface GroupOptions extends CompileOptions {
  readonly contract: Contract;
  /** How many masks the previous groups have; none by default. */
  readonly firstMask?: number;
  /**
   * An error of a condition in one row must not end the check, so it is wrapped in DuckDB's TRY, which allows no
   * subquery and no function such as random(). False for a group that has one.
   */
  readonly isGuarded?: boolean;
  /** Whether the table is sorted by the numbers of the rows, where DuckDB does not keep their order; false unless set. */
  readonly isSorted?: boolean;
  /** Other datasets; absent where the contract names none. */
  readonly there?: NamesThere;
}

export function compileGroup(group: CheckGroup, options: GroupOptions): CompiledGroup {
  const { contract, firstMask = 0, isGuarded = true } = options;
  const flags = flagsOf(group.conditions, { firstMask, isGuarded });
  const masks = masksOf(flags, firstMask);
  const kept = keptColumns(group);
  const names = namesFor(contract, options);
  const flagged = flaggedSql(flags, { names, masks });
  return {
    flags,
    tables: group.tables.map((table) => ({ ...table, sql: table.expectation.sql(names) })),
    createRows: createRows(group, { ...options, kept, masks: masksSql(flags, { names, masks }) }),
    flagged,
    createFlagged: `create or replace temp table ${FLAGGED_TABLE} as ${flagged}`,
    countFlagged: countFlaggedSql(flags),
    masks,
  };
}

function namesFor(contract: Contract, { header, there }: Pick<GroupOptions, 'header' | 'there'>): SqlNames {
  const raw = (column: string): string => identifier(rawName(header.positions.get(column) ?? -1));
  return {
    table: ROWS_TABLE,
    typed: identifier,
    typedAs: (column, kind) =>
      contract.columns[column]?.kind === kind ? identifier(column) : typedSql(kind, raw(column)),
    raw,
    constant: (column, value) => maybeConstantSql(contract.columns[column]?.kind ?? 'text', value),
    ...(there === undefined ? {} : { there }),
  };
}

function rawName(position: number): string {
  return `weir_raw_${position}`;
}

/** Columns that are read after the scan: those that keys and table expectations name. */
function keptColumns({ conditions, tables, used }: CheckGroup): ReadonlySet<string> {
  const later = [...conditions.map(expectationOf).filter(isKey), ...tables.map(expectationOf)];
  return columnsUsedBy(later, used);
}

const expectationOf = ({ expectation }: Placed): Expectation => expectation;

function createRows(
  group: CheckGroup,
  options: GroupOptions & {
    readonly kept: ReadonlySet<string>;
    readonly masks: readonly { readonly mask: number; readonly sql: string }[];
  },
): string {
  const { contract, header, kept, masks, proven, isSorted = false } = options;
  const names = namesFor(contract, options);
  const columns = [...group.used].filter((name) => header.positions.has(name));
  const absent = [...group.used].filter((name) => !header.positions.has(name));
  const typedOf = (name: string): string =>
    proven?.has(name) ? provenNumberSql(names.raw(name)) : typedSql(kindOf(contract, name), names.raw(name));
  const typed = columns.map((name) => `${typedOf(name)} as ${identifier(name)}`);
  const selected = [
    ...columns.filter((name) => kept.has(name)).map(identifier),
    ...absent.filter((name) => kept.has(name)).map(identifier),
    ...masks.map(({ mask, sql }) => `${sql} as weir_m${mask}`),
  ];
  const raw = columns.map((name) => names.raw(name));
  // Conditions written by people may name columns without declaring them; where the file lacks one it reads as null.
  const nulls = absent.map((name) => `null::${sqlTypeOf(kindOf(contract, name))} as ${identifier(name)}`);
  const records = readCsv(contract, options);
  const [numbers, source, order] = isSorted
    ? [['weir_number'], `(select row_number() over () as weir_number, * from ${records})`, ' order by weir_number']
    : [[], records, ''];
  // An expectation of the number of rows reads no column.
  const read = [...numbers, ...raw, ...typed, ...nulls];
  const inner = `select ${read.length === 0 ? '1' : read.join(', ')} from ${source}`;
  return `create or replace temp table ${ROWS_TABLE} as select ${selected.join(', ')} from (${inner})${order}`;
}

function kindOf(contract: Contract, name: string): ColumnKind {
  return contract.columns[name]?.kind ?? 'text';
}

/** Strict on purpose: no sniffing and no error options, which drop or join rows. The canonical file needs none. */
export function readCsv(
  { delimiter }: Pick<Contract, 'delimiter'>,
  {
    header,
    file,
    recordBytesLongest,
  }: Omit<CompileOptions, 'header'> & { readonly header: Pick<HeaderMatch, 'names'> },
): string {
  const columns = header.names.map((_, position) => `${literal(rawName(position))}: 'VARCHAR'`);
  const options = [
    'auto_detect = false',
    'header = true',
    `delim = ${literal(delimiter)}`,
    `quote = '"'`,
    `escape = '"'`,
    `new_line = '\\n'`,
    `nullstr = ''`,
    'strict_mode = true',
    `max_line_size = ${Math.max(2_097_152, recordBytesLongest * 2 + 1024)}`,
    `columns = {${columns.join(', ')}}`,
  ];
  return `read_csv(${literal(file)}, ${options.join(', ')})`;
}

/** Creates the table of the file's and the contract's column names. */
export function createHeader(contract: Contract, header: HeaderMatch): string {
  const expected = new Map(Object.keys(contract.columns).map((name, position) => [name, position]));
  const known = header.names.map((name, position) => {
    const place = expected.get(name);
    const shown = place === undefined ? shownName(name, { position, contract }) : name;
    return `(${literal(shown)}, ${position}, ${place ?? 'null'})`;
  });
  const missing = header.missing.map((name) => `(${literal(name)}, null, ${expected.get(name) ?? 'null'})`);
  return `create or replace temp table ${HEADER_TABLE} as select * from (values ${[...known, ...missing].join(', ')}) t(name, position, contract_position)`;
}
