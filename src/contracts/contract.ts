import type { CellValue, ColumnKind, DecimalKind } from './cell.ts';
import type { Coercion } from './coercions/coercion.ts';
import type { FileFormat } from './format/file-format.ts';
import type { KeysThere, Rule } from './rules/rule.ts';
import type { Delimiter } from './scan/delimiters.ts';

export { type CellValue, type ColumnKind, type DecimalKind, PLAIN_KINDS, type PlainKind } from './cell.ts';

/** What an unmet expectation means: `fail` makes the rows bad, `warn` only reports them. */
export type Severity = 'warn' | 'fail';
/** What a column is for. `feature`: a model learns from it; `label`: what it predicts; `id` names a row, `time` dates it; `meta`: none of these. */
export type Role = 'id' | 'feature' | 'label' | 'time' | 'meta';

export interface ColumnBase {
  /** What the column is for. */
  readonly role: Role;
  /** An empty cell is allowed. */
  readonly nullable: boolean;
  /** No value stands twice. */
  readonly unique: boolean;
  /** Severity of the expectations that this column implies; `fail` by default. */
  readonly severity: Severity;
  /**
   * Name of the column in the first line of a file, when it differs from the column's name: `''` for one without a
   * name. Columns with the same header match as many columns of a file, in the contract's order.
   */
  readonly header?: string;
  /** What forms and charts call it; its name when absent. */
  readonly label?: string;
  /** A sentence for those who fill in or read the column. */
  readonly description?: string;
  /** Unit of the values: `kg`. */
  readonly unit?: string;
  /** Values to show in forms and in the API. */
  readonly examples?: readonly (string | number | boolean)[];
  /** Every cell must be empty. */
  readonly alwaysNull?: boolean;
  /** A file may lack the column, and a row in JSON the field; nothing is asked of it then. */
  readonly optional?: boolean;
  /** The environments of the contract whose files have the column; all of them when absent. */
  readonly environments?: readonly string[];
  /** How its cells may be changed, in the order in which that is tried; not at all when absent. */
  readonly coerce?: readonly Coercion[];
  /** No value of it is in results of checks, reports, alerts and logs. */
  readonly sensitive?: boolean;
}

export interface NumberColumn extends ColumnBase {
  /** Numbers, or whole numbers. */
  readonly kind: 'number' | 'integer';
  /** Smallest value allowed, itself included; no bound when absent. */
  readonly min?: number;
  /** Largest value allowed, itself included; no bound when absent. */
  readonly max?: number;
  /** Digits after the decimal point that pages show; as many as a value has when absent. */
  readonly decimals?: number;
}
export interface DecimalColumn extends OrderedColumn {
  /** Decimals of so many digits in all, and so many of them behind the point: `decimal(12,2)`. */
  readonly kind: DecimalKind;
}
export interface CategoryColumn extends ColumnBase {
  /** One of named texts. */
  readonly kind: 'category';
  /** The texts that are allowed. */
  readonly categories: readonly string[];
}
export interface TextColumn extends ColumnBase {
  /** Any text. */
  readonly kind: 'text';
  /** Regular expression (RE2) that the whole text matches. */
  readonly pattern?: string;
  /** Shortest text allowed, in characters (code points). */
  readonly lengthMin?: number;
  /** Longest text allowed, in characters (code points). */
  readonly lengthMax?: number;
  /** Of an id: rows of a file without the column get one, from the file's digest and their place in it. */
  readonly generated?: boolean;
}
/** A column whose values are texts that have an order. */
interface OrderedColumn extends ColumnBase {
  /** Smallest value allowed, itself included, as cells are written; no bound when absent. */
  readonly min?: string;
  /** Largest value allowed, itself included, as cells are written; no bound when absent. */
  readonly max?: string;
}
export interface TimeColumn extends OrderedColumn {
  /** A time of day, or a duration, in ISO 8601. */
  readonly kind: 'time' | 'duration';
}
export interface ListColumn extends ColumnBase {
  /** A list in JSON, each item of which is a value of `of`. */
  readonly kind: 'list';
  /** What each item is. */
  readonly of: Column;
  /** Fewest items allowed; no bound when absent. */
  readonly lengthMin?: number;
  /** Most items allowed; no bound when absent. */
  readonly lengthMax?: number;
}
export interface StructColumn extends ColumnBase {
  /** An object in JSON. */
  readonly kind: 'struct';
  /** What its fields are, by name; it may have others. */
  readonly fields: { readonly [name: string]: Column };
}
export interface PlainColumn extends ColumnBase {
  /** True or false, an ISO 8601 date and time, or an ISO 8601 day. */
  readonly kind: 'boolean' | 'timestamp' | 'date';
}
/** One column of a contract, with its defaults filled in. */
export type Column =
  | NumberColumn
  | DecimalColumn
  | CategoryColumn
  | TextColumn
  | TimeColumn
  | ListColumn
  | StructColumn
  | PlainColumn;

/** What a dataset must be: frozen data, from which checks, forms, schemas and dashboards are derived. */
export interface Contract {
  /** Name of the contract, which reports and statistics go by. */
  readonly name: string;
  /** A sentence about the data. */
  readonly description?: string;
  /** The columns by name, in the order of the good rows. */
  readonly columns: { readonly [name: string]: Column };
  /** What must hold beyond what the columns say. */
  readonly expectations: readonly Expectation[];
  /** What separates the cells of good rows, and of CSV files whose first line does not show another. */
  readonly delimiter: Delimiter;
  /** How files are written, where that differs from the default form. Good rows are always in that form. */
  readonly format?: FileFormat;
  /** When a file with problems is of medium or high criticality. */
  readonly criticality: CriticalityRules;
  /** What happens to a file whose columns have changed. */
  readonly evolution: Evolution;
  /** Names of what files are for, by which their columns differ: `training`, `serving`. See `inEnvironment`. */
  readonly environments?: readonly string[];
  /**
   * Digest of the project's code, where functions of the contract may use any of it; part of the contract's identity. Set when a
   * project is loaded.
   */
  readonly code?: string;
  /** What its document requires and no check evaluates; results and reports list it. */
  readonly unchecked?: readonly Unchecked[];
  /** Rules of quality as its document states them, so that a document made of it has them again. They check nothing. */
  readonly documentRules?: readonly DocumentRule[];
}

/** A rule of quality in a document, with all that it says of itself. */
export interface DocumentRule {
  /** The column it belongs to; absent for a rule of the table. */
  readonly column?: string;
  /** Its keys and their values: metric, operators, unit, dimension, severity and so on. */
  readonly rule: unknown;
}

/** A requirement on the data that is not checked. */
export interface Unchecked {
  /** Its path in the document: `orders.amount.quality[0]`. */
  readonly path: string;
  /** The column it is about; absent when it is about more. */
  readonly column?: string;
  /** The requirement, in the words of the document. */
  readonly rule: string;
  /** Why no check looks at it. */
  readonly reason: string;
}

/**
 * How a file with changed columns is handled; the change is always among the violations. `evolve`: unknown columns are
 * kept, with a warning. `discard`: they are left out of the good rows, with a warning. `strict`: they make every row
 * bad. `freeze`: so do another order and another spelling.
 */
export type Evolution = 'evolve' | 'discard' | 'strict' | 'freeze';

/** The share of bad and rejected rows from which a file is of medium or high criticality, 0 to 1. */
export interface CriticalityRules {
  /** From this share on medium; 0.1 unless the contract sets it. */
  readonly mediumShare: number;
  /** From this share on high; 0.5 unless the contract sets it. */
  readonly highShare: number;
}

/**
 * One assertion in addition to the columns. Those that `expectations/` makes are stated once, as the data of `rule`, from
 * which their SQL is made; one written by hand may have SQL alone.
 */
export interface Expectation {
  /** What reports call it, unique among those of its column. */
  readonly name: string;
  /** The function that built it, for example `in-range`; absent for an expectation written by hand. */
  readonly maker?: string;
  /** What it looks at: cells, rows, the file as a table, or the distribution of a column. */
  readonly level: 'column' | 'row' | 'table' | 'distribution';
  /** What it means when it is not met. */
  readonly severity: Severity;
  /**
   * The share of the file's readable rows that must meet it, above 0 and below 1, for an expectation of cells or rows;
   * absent where all must. While so many do, it is met: the other rows are counted, and neither bad nor warned of. Where
   * fewer do, all of the other rows violate it.
   */
  readonly atLeast?: number;
  /** What kind of problem it is when it is not met. */
  readonly category: ProblemCategory;
  /** The column it is about; absent when it is about more. */
  readonly column?: string;
  /** Columns that `sql` uses without calling `typed` or `raw` for them. */
  readonly columns?: readonly string[];
  /** The rule in words, as reports show it: "age lies between 0 and 100". */
  readonly sentence: string;
  /**
   * `condition` (the default): the value of `sql` decides by itself. `key`: it is a key for each row, and every row
   * whose key an earlier row has is a violation; null is never compared.
   */
  readonly form?: 'condition' | 'key';
  /**
   * Its path in a document whose SQL is for another database: if it does not run, the result lists it as not checked.
   */
  readonly origin?: string;
  /** Of a rule that a function decides: the function, of the values of the rule's columns, in their order. */
  readonly holds?: (values: readonly (CellValue | null)[]) => unknown;
  /** What it requires, as plain data; absent for an expectation that is written in SQL by hand. */
  readonly rule?: Rule;
  /** `row` and `column`: SQL that is TRUE for a violating row; where it cannot be computed the row violates too. `table` and `distribution`: a SELECT of one row `(ok, observed)`. */
  readonly sql: (names: SqlNames) => string;
}

/** The names that generated SQL uses. */
export interface SqlNames {
  /** The table of typed rows. */
  readonly table: string;
  /** The value of a cell by the kind of its column; null when it cannot be read so. */
  typed(column: string): string;
  /** The value of a cell by another kind, for expectations of rows. */
  typedAs(column: string, kind: ColumnKind): string;
  /** The original text of a cell. */
  raw(column: string): string;
  /** A value to compare `typed(column)` with; undefined when no cell of the column's kind can hold it. */
  constant(column: string, value: CellValue): string | undefined;
  /** Other datasets; absent where none can be given. */
  readonly there?: NamesThere;
}

/** Other datasets that a file is compared with, in SQL. */
export interface NamesThere {
  /** A table of the values of columns of a dataset, as the columns here would have them: `k0`, `k1` and so on. */
  keys(rule: KeysThere, columns: readonly string[]): string;
  /** The rows of a dataset as a table of texts, by the names of its columns. */
  table(dataset: string): string;
  /** How many rows a dataset has. */
  rows(dataset: string): string;
}

export const PROBLEM_CATEGORIES = [
  'missing-column',
  'missing-value',
  'unknown-category',
  'out-of-range',
  'wrong-type',
  'duplicate',
  'format',
  'distribution',
  'schema',
  'row',
  'structure',
] as const;
export type ProblemCategory = (typeof PROBLEM_CATEGORIES)[number];
