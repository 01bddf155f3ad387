import type { ColumnKind, Contract, Expectation, SqlNames } from '../contract.ts';
import { columnsNamedBy } from '../define-contract.ts';
import { HEADER_TABLE } from '../expectations/columns-match.ts';
import { identifier, literal } from '../sql.ts';
import { maybeConstantSql } from './cell-value.ts';
import { impliedExpectations } from './derived.ts';
import type { HeaderMatch } from './header.ts';
import { readableSql, typedSql } from './typed-sql.ts';

export const ROWS_TABLE = 'weir_rows';
export const FLAGGED_TABLE = 'weir_flagged';

/** Bits in one mask column: INTEGER without its sign. */
const MASK_BITS = 31;

/** One assertion about rows and the bit that says a row violates it. */
export interface Flag {
  readonly expectation: Expectation;
  readonly bit: number;
  /** Says that the row violates it because it cannot be computed; absent of what columns imply, which always can. */
  readonly failureBit?: number;
}

/** A contract as DuckDB statements for one file. Pure text; `check-file.ts` runs it. */
export interface CompiledCheck {
  readonly flags: readonly Flag[];
  readonly tables: readonly { readonly expectation: Expectation; readonly sql: string }[];
  /** Makes the table of typed columns and masks out of the canonical file: the one scan of the data. */
  readonly createRows: string;
  /** Selects the rows that violate anything: `row`, and all masks `m<i>`. */
  readonly flagged: string;
  /** Makes a table of them, which the two statements that name flagged rows read. */
  readonly createFlagged: string;
  readonly createHeader: string;
  /** One row: `rows`, `n<index>` and `a<index>` for the columns. */
  readonly countRows: string;
  /** One row: `bad`, and `v<bit>` for each bit. */
  readonly countFlagged: string;
  readonly maskCount: number;
  /** Rows with a violation of severity fail, in order, as `row, mask, mask…`. */
  readonly badRows: string;
  readonly columns: readonly CountedColumn[];
}

/** The answers to `countRows` and `countFlagged`: numbers by name. */
export type Counts = Readonly<Record<string, number | null>>;

/** What `countRows` says of a column: `n<index>` nulls and, of numbers, `a<index>` the mean. */
export interface CountedColumn {
  readonly name: string;
  readonly index: number;
  readonly hasMean: boolean;
  /** Cells of the wrong type are null in the table too; this flag's rows are to be taken off. */
  readonly wrongType: number | undefined;
}

export interface CompileOptions {
  readonly header: HeaderMatch;
  /** Path of the canonical file. */
  readonly file: string;
  readonly recordBytesLongest: number;
  /**
   * A condition that fails in one row must not end the check, so it stands in DuckDB's TRY; which takes no subquery and no
   * function such as random(). False for a contract that has one.
   */
  readonly isGuarded?: boolean;
}

export function compileCheck(contract: Contract, options: CompileOptions): CompiledCheck {
  const { header, isGuarded = true } = options;
  const present = (column: string): boolean => header.positions.has(column);
  const evaluable = contract.expectations.filter((expectation) => [...columnsNamedBy(expectation)].every(present));
  const implied = impliedExpectations(contract, present).map((expectation, bit): Flag => ({ expectation, bit }));
  const flags = [...implied, ...assertedFlags(evaluable.filter(isOfRows), { firstBit: implied.length, isGuarded })];
  const tables = evaluable.filter((expectation) => !isOfRows(expectation));
  const columns = Object.keys(contract.columns).filter(present);
  const maskCount = maskCountOf(flags);
  const kept = keptColumns(contract, { flags, tables });
  const counted = columns.map((name, index): CountedColumn => {
    const wrongType = implied.find(
      ({ expectation }) => expectation.category === 'wrong-type' && expectation.column === name,
    )?.bit;
    return { name, index, hasMean: isNumeric(contract, name), wrongType: kept.has(name) ? wrongType : undefined };
  });
  const names = namesFor(contract, header);
  const flagged = flaggedSql(flags, { names, maskCount });
  return {
    flags,
    tables: tables.map((expectation) => ({ expectation, sql: expectation.sql(names) })),
    createRows: createRows(contract, { ...options, columns, kept, masks: masksSql(flags, { names, maskCount }) }),
    flagged,
    createFlagged: `create or replace temp table ${FLAGGED_TABLE} as ${flagged}`,
    createHeader: createHeader(contract, header),
    countRows: countRowsSql(counted, kept),
    countFlagged: countFlaggedSql(flags),
    maskCount,
    badRows: badRowsSql(flags, maskCount),
    columns: counted,
  };
}

function isOfRows({ level }: Expectation): boolean {
  return level === 'column' || level === 'row';
}

/** What the contract itself says of rows. A key is made of values that are there. */
function assertedFlags(
  expectations: readonly Expectation[],
  { firstBit, isGuarded }: { readonly firstBit: number; readonly isGuarded: boolean },
): readonly Flag[] {
  const failureBit = firstBit + expectations.length;
  return expectations.map((expectation, index) => ({
    expectation,
    bit: firstBit + index,
    ...(isGuarded && !isKey(expectation) ? { failureBit: failureBit + index } : {}),
  }));
}

function namesFor(contract: Contract, header: HeaderMatch): SqlNames {
  const raw = (column: string): string => identifier(rawName(header.positions.get(column) ?? -1));
  return {
    table: ROWS_TABLE,
    typed: identifier,
    typedAs: (column, kind) =>
      contract.columns[column]?.kind === kind ? identifier(column) : typedSql(kind, raw(column)),
    raw,
    constant: (column, value) => maybeConstantSql(contract.columns[column]?.kind ?? 'text', value),
  };
}

/** Whether a column that nothing looks at later is null. Not under its own name, where SQL would take it for the values. */
function nullName(index: number): string {
  return `weir_null_${index}`;
}

function rawName(position: number): string {
  return `weir_raw_${position}`;
}

/** How many mask columns hold all bits. */
function maskCountOf(flags: readonly Flag[]): number {
  const last = Math.max(0, ...flags.map(({ bit, failureBit = bit }) => Math.max(bit, failureBit)));
  return Math.floor(last / MASK_BITS) + 1;
}

const isKey = ({ form }: Expectation): boolean => form === 'key';

/** Columns that something looks at after the scan: numbers for their mean, and what keys and table expectations name. */
function keptColumns(
  contract: Contract,
  { flags, tables }: { flags: readonly Flag[]; tables: readonly Expectation[] },
): ReadonlySet<string> {
  const later = [...flags.map(({ expectation }) => expectation).filter(isKey), ...tables];
  const named = new Set(later.flatMap((expectation) => [...columnsNamedBy(expectation)]));
  // What is written in SQL by people may use columns that it does not declare.
  const undeclared = tables.some(
    (expectation) => expectation.column === undefined && expectation.columns === undefined,
  );
  return new Set(
    Object.keys(contract.columns).filter((name) => undeclared || named.has(name) || isNumeric(contract, name)),
  );
}

/** Whether anything looks at the column's values, rather than at whether it has them. */
function isValueUsed(contract: Contract, { name, kept }: { name: string; kept: ReadonlySet<string> }): boolean {
  if (kept.has(name) || isNumeric(contract, name)) return true;
  const byRow = contract.expectations.filter(({ level }) => level === 'column' || level === 'row');
  return byRow.some((expectation) => {
    const isDeclared = expectation.column !== undefined || expectation.columns !== undefined;
    return !isDeclared || columnsNamedBy(expectation).has(name);
  });
}

function isNumeric(contract: Contract, name: string): boolean {
  const { kind, alwaysNull = false } = contract.columns[name] ?? {};
  return !alwaysNull && (kind === 'number' || kind === 'integer');
}

function createRows(
  contract: Contract,
  options: CompileOptions & {
    readonly columns: readonly string[];
    readonly masks: readonly string[];
    readonly kept: ReadonlySet<string>;
  },
): string {
  const { header, columns, masks, kept } = options;
  const names = namesFor(contract, header);
  const typed = columns.map((name) => {
    const toSql = isValueUsed(contract, { name, kept }) ? typedSql : readableSql;
    return `${toSql(contract.columns[name]!.kind, names.raw(name))} as ${identifier(name)}`;
  });
  const selected = [
    ...columns.filter((name) => kept.has(name)).map(identifier),
    ...columns.flatMap((name, index) => (kept.has(name) ? [] : [`${names.raw(name)} is null as ${nullName(index)}`])),
    ...Object.keys(contract.columns)
      .filter((name) => !header.positions.has(name) && kept.has(name))
      .map(identifier),
    ...masks.map((mask, index) => `${mask} as weir_m${index}`),
  ];
  const raw = columns.map((name) => names.raw(name));
  // Conditions written by people may name columns without declaring them; where the file lacks one it reads as null.
  const absent = absentColumns(contract, header);
  const inner = `select ${[...raw, ...typed, ...absent].join(', ')} from ${readCsv(contract, options)}`;
  return `create or replace temp table ${ROWS_TABLE} as select ${selected.join(', ')} from (${inner})`;
}

const SQL_TYPES: Readonly<Record<ColumnKind, string>> = {
  number: 'double',
  integer: 'bigint',
  boolean: 'boolean',
  timestamp: 'timestamptz',
  date: 'date',
  category: 'varchar',
  text: 'varchar',
};

function absentColumns(contract: Contract, header: HeaderMatch): readonly string[] {
  return Object.entries(contract.columns)
    .filter(([name]) => !header.positions.has(name))
    .map(([name, { kind }]) => `null::${SQL_TYPES[kind]} as ${identifier(name)}`);
}

/** SQL for each mask column. */
function masksSql(
  flags: readonly Flag[],
  { names, maskCount }: { readonly names: SqlNames; readonly maskCount: number },
): readonly string[] {
  const terms = flags.flatMap((flag) => bitTerms(flag, names));
  return Array.from({ length: maskCount }, (_, mask) => {
    const own = terms.filter(({ bit }) => Math.floor(bit / MASK_BITS) === mask);
    if (own.length === 0) return '0::integer';
    return `(${own.map(({ bit, sql }) => `case when ${sql} then ${2 ** (bit % MASK_BITS)} else 0 end`).join(' | ')})::integer`;
  });
}

/** When the bits of a flag are set; keys are looked at later, by group. */
function bitTerms({ expectation, bit, failureBit }: Flag, names: SqlNames): readonly { bit: number; sql: string }[] {
  if (isKey(expectation)) return [];
  // A condition over something missing is null; like false, it leaves the bit alone.
  const sql = expectation.sql(names);
  if (failureBit === undefined) return [{ bit, sql }];
  const guarded = `try(coalesce((${sql})::boolean, false))`;
  return [
    { bit, sql: `coalesce(${guarded}, true)` },
    { bit: failureBit, sql: `${guarded} is null` },
  ];
}

/** Strict on purpose: no sniffing and no error options, which drop or join rows. What they forgive never gets here. */
export function readCsv(
  { delimiter }: Pick<Contract, 'delimiter'>,
  { header, file, recordBytesLongest }: CompileOptions,
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

function flaggedSql(
  flags: readonly Flag[],
  { names, maskCount }: { readonly names: SqlNames; readonly maskCount: number },
): string {
  const masks = Array.from({ length: maskCount }, (_, mask) => mask);
  const keys = flags.filter(({ expectation }) => isKey(expectation));
  const repeats = keys.map(({ expectation, bit }) => {
    const key = expectation.sql(names);
    const firsts = `select ${key} as weir_key, min(rowid) as weir_first from ${ROWS_TABLE} where ${key} is not null group by all having count(*) > 1`;
    return `select r.rowid as "row", ${bit} as bit from ${ROWS_TABLE} r join (${firsts}) f on ${key} = f.weir_key and r.rowid <> f.weir_first`;
  });
  const columns = masks.map((mask) => `weir_m${mask} as m${mask}`).join(', ');
  const flaggedByScan = `select rowid as "row", ${columns} from ${ROWS_TABLE} where ${masks.map((mask) => `weir_m${mask} <> 0`).join(' or ')}`;
  if (keys.length === 0) return flaggedByScan;
  const spread = masks.map((mask) => {
    const own = `bit >= ${mask * MASK_BITS} and bit < ${(mask + 1) * MASK_BITS}`;
    return `case when ${own} then 1::integer << (bit - ${mask * MASK_BITS}) else 0 end as m${mask}`;
  });
  const flaggedByKey = `select "row", ${spread.join(', ')} from (${repeats.join(' union all ')})`;
  const merged = masks.map((mask) => `bit_or(m${mask}) as m${mask}`).join(', ');
  return `select "row", ${merged} from (${flaggedByScan} union all ${flaggedByKey}) group by "row"`;
}

function createHeader(contract: Contract, header: HeaderMatch): string {
  const expected = Object.keys(contract.columns);
  const known = header.names.map((name, position) => {
    const contractPosition = expected.indexOf(name);
    return `(${literal(name)}, ${position}, ${contractPosition < 0 ? 'null' : contractPosition})`;
  });
  const missing = header.missing.map((name) => `(${literal(name)}, null, ${expected.indexOf(name)})`);
  return `create or replace temp table ${HEADER_TABLE} as select * from (values ${[...known, ...missing].join(', ')}) t(name, position, contract_position)`;
}

function countRowsSql(counted: readonly CountedColumn[], kept: ReadonlySet<string>): string {
  const about = counted.flatMap(({ name, index, hasMean }) => [
    // A column that nothing looks at later is only kept as whether it is null.
    kept.has(name)
      ? `count(*) - count(${identifier(name)}) as n${index}`
      : `count(*) filter (where ${nullName(index)}) as n${index}`,
    ...(hasMean ? [`avg(case when abs(${identifier(name)}) < 1e290 then ${identifier(name)} end) as a${index}`] : []),
  ]);
  return `select ${['count(*) as "rows"', ...about].join(', ')} from ${ROWS_TABLE}`;
}

function countFlaggedSql(flags: readonly Flag[]): string {
  const perBit = flags.flatMap(bitsOf).map((bit) => `count(*) filter (where ${bitSql(bit)}) as v${bit}`);
  return `select ${[`count(*) filter (where ${failCondition(flags)}) as bad`, ...perBit].join(', ')} from ${FLAGGED_TABLE}`;
}

function bitSql(bit: number): string {
  return `(m${Math.floor(bit / MASK_BITS)} >> ${bit % MASK_BITS}) & 1 = 1`;
}

function failCondition(flags: readonly Flag[]): string {
  const failing = flags.filter(({ expectation }) => expectation.severity === 'fail');
  const masks = new Map<number, number>();
  for (const { bit } of failing) {
    const mask = Math.floor(bit / MASK_BITS);
    masks.set(mask, (masks.get(mask) ?? 0) + 2 ** (bit % MASK_BITS));
  }
  if (masks.size === 0) return 'false';
  return [...masks].map(([mask, bits]) => `m${mask} & ${bits} <> 0`).join(' or ');
}

function badRowsSql(flags: readonly Flag[], maskCount: number): string {
  const masks = Array.from({ length: maskCount }, (_, mask) => `m${mask}`);
  return `select "row", ${masks.join(', ')} from ${FLAGGED_TABLE} where ${failCondition(flags)} order by "row"`;
}

/** The bits of a flag. */
export function bitsOf({ bit, failureBit }: Flag): readonly number[] {
  return failureBit === undefined ? [bit] : [bit, failureBit];
}

/** Whether a bit is set in the masks of a row. */
export function isSet(masks: readonly number[], bit: number): boolean {
  return (((masks[Math.floor(bit / MASK_BITS)] ?? 0) >>> (bit % MASK_BITS)) & 1) === 1;
}

/** Flags whose bits are set in the masks of a row. */
export function flagsIn(masks: readonly number[], flags: readonly Flag[]): readonly Flag[] {
  return flags.filter(({ bit }) => isSet(masks, bit));
}
