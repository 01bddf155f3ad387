import type { CellValue, ColumnKind } from '../cell.ts';
import type { Measure } from '../distribution/divergence.ts';
import type { Reference } from '../distribution/reference.ts';
import type { NestedColumn } from './cell-column.ts';
import type { JsonCellSchema } from './json-tests.ts';

/*
 * What an expectation requires, stated once as plain data. Three things read it: the kernel (`needs.ts` says which rules
 * it can decide), rows in TypeScript (`to-row-test.ts`) and SQL (`to-sql.ts`). A test compares all of them over random
 * rules and data.
 *
 * A cell has a text, as it stands in the file, and a value, as the kind of its column reads the text. An empty cell has
 * neither: it meets every test but `present`. A text that is no value of the kind has no value, and meets every test of
 * values; only `kind` finds it.
 */

/** One requirement on data. */
export type Rule = CellRule | RowRule | KeyRule | TableRule | HeaderRule | SqlRule;

/** A condition in SQL over the typed columns. */
export interface SqlCondition {
  readonly sql: string;
  /** Columns that the SQL names; any column when absent. */
  readonly columns?: readonly string[];
}

/** A test of cells or rows, which is true where the cells that it reads are there and meet it. */
export type RuleCondition =
  | (CellTest & { readonly over: 'cell'; readonly column: string })
  | (RowTest & { readonly over: 'row' });

export type Condition = SqlCondition | RuleCondition;

/** What is asked only of some rows. */
export interface Asked {
  /** Only rows where it is true are asked; the others meet the rule. */
  readonly where?: Condition;
}

/** A rule over each cell of a column. */
export type CellRule = CellTest & Asked & { readonly over: 'cell'; readonly column: string };

/** Numbers, both included unless it says otherwise. */
export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  readonly excludesMin?: boolean;
  readonly excludesMax?: boolean;
}

/** What is asked of a cell. */
export type CellTest =
  /** It holds something. */
  | { readonly test: 'present' }
  /** It is empty. */
  | { readonly test: 'absent' }
  /** Its text is a value of the kind. */
  | { readonly test: 'kind'; readonly kind: ColumnKind }
  /** Its number lies within. */
  | ({ readonly test: 'range' } & NumberRange)
  /** Its day or moment lies within; bounds in ISO 8601, a day stands for its midnight in UTC. */
  | {
      readonly test: 'moments';
      readonly min?: string;
      readonly max?: string;
      readonly excludesMin?: boolean;
      readonly excludesMax?: boolean;
    }
  /** Its value lies within, in the order of its kind; bounds as cells are written. */
  | {
      readonly test: 'between';
      readonly min?: string;
      readonly max?: string;
      readonly excludesMin?: boolean;
      readonly excludesMax?: boolean;
    }
  /** Its text has so many characters (code points). */
  | { readonly test: 'length'; readonly min?: number; readonly max?: number }
  /** Its value is one of these. Negated: it is none, and its text is none of those that are no value of the kind. */
  | { readonly test: 'set'; readonly values: readonly CellValue[]; readonly isNegated?: boolean }
  /** Its whole text matches the regular expression (RE2). Negated: no part of it does. */
  | { readonly test: 'pattern'; readonly pattern: string; readonly isNegated?: boolean }
  /** Its text begins and ends so. */
  | { readonly test: 'affix'; readonly prefix?: string; readonly suffix?: string }
  /** Its number is a whole multiple of the step, by its decimal digits. */
  | { readonly test: 'multiple'; readonly step: number }
  /** Its number has so many digits at most: `precision` in all, `scale` of them behind the point. */
  | { readonly test: 'digits'; readonly precision: number; readonly scale: number }
  /** Its text is JSON of a list or a struct whose parts are what the column says. */
  | { readonly test: 'nested'; readonly of: NestedColumn }
  /** Its text has a form that `forms.ts` defines. */
  | { readonly test: 'form'; readonly form: FormName }
  /** Its text is JSON, to the letter of RFC 8259. */
  | { readonly test: 'json' }
  /** Its text is JSON as the schema says (JSON Schema 2020-12). Rows decide it, and no database. */
  | { readonly test: 'json-schema'; readonly schema: JsonCellSchema };

export const FORM_NAMES = [
  'trimmed',
  'uuid',
  'email',
  'web-address',
  'ip-address',
  'ipv4',
  'ipv6',
  'time-of-day',
  'duration',
] as const;
export type FormName = (typeof FORM_NAMES)[number];

/** Columns of another dataset, compared one by one with those of the rule. */
export interface KeysThere {
  readonly dataset: string;
  readonly there: readonly string[];
}

/** A rule between the columns of a row. */
export type RowRule = RowTest & Asked & { readonly over: 'row' };

export type RowTest =
  /** The value of `column` is less than that of `other`; a row that lacks one passes. */
  | { readonly test: 'less'; readonly column: string; readonly other: string; readonly orEqual?: boolean }
  /** Both values are equal, or neither is there. */
  | { readonly test: 'equal'; readonly column: string; readonly other: string }
  /** So many of the cells hold something. */
  | { readonly test: 'filled'; readonly columns: readonly string[]; readonly min: number; readonly max?: number }
  /** A function of the columns' values says so; its text stands for it in keys. Rows decide it, and no database. */
  | {
      readonly test: 'function';
      /** It may use more code than `code` has: all of its project's stands for it in keys too. */
      readonly isOpen?: boolean;
      readonly columns: readonly string[];
      readonly code: string;
      readonly isOfCell?: boolean;
    }
  /** Some row of another dataset has the same values; a row that lacks one passes. A database decides it. */
  | ({ readonly test: 'known'; readonly columns: readonly string[] } & KeysThere)
  /** The parts add up to the total, by their decimal digits. */
  | {
      readonly test: 'sum';
      readonly total: string;
      readonly parts: readonly string[];
      /** How far the sum may be off. */
      readonly tolerance: number;
    };

/** No combination of values occurs twice; rows that lack one of them are not compared. */
export interface KeyRule extends Asked {
  readonly over: 'key';
  readonly columns: readonly string[];
}

/** A rule over the file as a whole. */
export type TableRule = TableTest & Asked & { readonly over: 'table' };

/** One number made of a column, or of several, lies within bounds, both included; where there is none the rule is met. */
export type AggregateTest = Aggregate & {
  readonly test: 'aggregate';
  readonly min?: number;
  readonly max?: number;
  /** Of each group of rows that have the same values of these columns, none of which may break the rule. */
  readonly by?: readonly string[];
};

export type Aggregate =
  | { readonly aggregate: 'rows' }
  | { readonly aggregate: ColumnAggregate; readonly column: string }
  | { readonly aggregate: 'quantile'; readonly column: string; readonly quantile: number }
  | { readonly aggregate: 'correlation'; readonly column: string; readonly other: string }
  /** The share of rows where a condition is true, among those where it is true or false. */
  | ({ readonly aggregate: 'share' } & SqlCondition);

export const COLUMN_AGGREGATES = [
  'mean',
  'median',
  'deviation',
  'smallest',
  'largest',
  'sum',
  'distinct-count',
  'distinct-share',
  'null-share',
  'outlier-share',
] as const;
export type ColumnAggregate = (typeof COLUMN_AGGREGATES)[number];

export type TableTest =
  | AggregateTest
  /** Values never go the other way from one row to the next; strictly: none is repeated. Empty cells are passed over. */
  | { readonly test: 'order'; readonly column: string; readonly direction: 'up' | 'down'; readonly strictly?: boolean }
  /** From one row to the next, values grow by so much; empty cells are passed over. Moments grow by hours. */
  | {
      readonly test: 'steps';
      readonly column: string;
      readonly min?: number;
      readonly max?: number;
      readonly unit?: 'hours';
    }
  /** The newest moment is at most so many hours old. */
  | { readonly test: 'fresh'; readonly column: string; readonly hours: number }
  /** For each row of another dataset there are so many here. */
  | { readonly test: 'rows-there'; readonly dataset: string; readonly min?: number; readonly max?: number }
  /** Each of the values occurs. */
  | { readonly test: 'contains'; readonly column: string; readonly values: readonly CellValue[] }
  /** Each of the values makes up its share of the column's values, give or take the tolerance. */
  | {
      readonly test: 'shares';
      readonly column: string;
      readonly shares: Readonly<Record<string, number>>;
      readonly tolerance: number;
    }
  /** The column is distributed as in the reference, or differs by no more than chance. */
  | { readonly test: 'near'; readonly column: string; readonly reference: Reference; readonly indexMax: number }
  /** A measure of how far the column is from the reference lies within bounds; without a value it is met. */
  | {
      readonly test: 'divergence';
      readonly column: string;
      readonly reference: Reference;
      readonly measure: Measure;
      readonly min?: number;
      readonly max?: number;
    };

/** A rule over the names of the columns. */
export type HeaderRule = { readonly over: 'header' } & (
  | {
      /** The file has the columns of the contract and no other. */
      readonly test: 'names';
      /** They stand in its order too. */
      readonly order?: boolean;
    }
  | {
      /** The file has so many columns. */
      readonly test: 'count';
      readonly min?: number;
      readonly max?: number;
    }
);

/** What people write in SQL over the typed columns. */
export type SqlRule = {
  readonly over: 'sql';
  /** Columns that the SQL names; any column when absent. */
  readonly columns?: readonly string[];
} & (
  | {
      readonly of: 'row';
      /** A condition that is not false for a good row. */
      readonly holds: string;
      /** Only rows where it is true are asked. */
      readonly where?: Condition;
    }
  | {
      readonly of: 'table';
      /** A SELECT of one row with `ok` and optionally `observed`, over the table `rows` and those of other datasets. */
      readonly query: string;
      /** Other datasets, each a table of its name whose columns are texts. */
      readonly datasets?: readonly string[];
    }
);

/** What other datasets are called. */
export const DATASET_NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;
