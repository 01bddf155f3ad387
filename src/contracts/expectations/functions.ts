import type { CellValue, Expectation } from '../contract.ts';
import {
  expectationOf,
  invalid,
  type RowsOptions,
  type SeverityOption,
  type ToleranceOption,
  type WhereOption,
} from './expectation-options.ts';

/** What stands for a function in the keys of results. */
interface CodeOption {
  /** The rule in words, as reports show it; the name of the expectation unless set. */
  readonly sentence?: string;
  /**
   * What else decides: functions that it calls, and values that it reads. Results of a project are computed again when the text of
   * the function, or that of one of these, has changed; unless set, when any of the project's code has. Example:
   * `[checksumOf, PREFIXES]`, `[]`.
   */
  readonly uses?: readonly unknown[];
}

/**
 * A rule over several columns of a row, as a function of their typed values, null where a cell is empty or no value of its
 * kind. It is called in the process of the check, and of the API, and says true of a good row. A row for which it throws
 * violates the rule, and the report counts such rows and says what the first one was. Documents and pages cannot hold it.
 *
 * @example satisfies('checksum', { columns: ['iban'], holds: ({ iban }) => isIban(String(iban)), uses: [isIban] })
 */
export function satisfies<const Column extends string>(
  name: string,
  options: SeverityOption &
    WhereOption &
    ToleranceOption &
    CodeOption & {
      /** The columns of which the function gets the values: `['age', 'class']`. */
      readonly columns: readonly Column[];
      /** Whether a row is good: `({ age }) => age === null || age < 100`. */
      readonly holds: (row: Readonly<Record<Column, CellValue | null>>) => boolean;
    },
): Expectation {
  const { columns, holds, sentence = name } = options;
  assertFunction(`satisfies('${name}')`, holds);
  if (columns.length === 0)
    throw invalid(`satisfies('${name}') expects the columns that the function reads; got none.`);
  const expectation = expectationOf(
    'satisfies',
    { ...options, name },
    {
      category: 'row',
      sentence,
      rule: { over: 'row', test: 'function', columns, ...codeOf(options) },
    },
  );
  return {
    ...expectation,
    // The values are those of the columns.
    holds: (values) =>
      holds(Object.fromEntries(columns.map((column, at) => [column, values[at]])) as Parameters<typeof holds>[0]),
  };
}

/**
 * A rule over the cells of a column, as a function of a typed value; see `satisfies`. Cells that are empty, or no value of the
 * column's kind, are not asked.
 *
 * @example cellSatisfies('iban', { holds: (iban) => isIban(String(iban)), uses: [isIban] })
 */
export function cellSatisfies(
  column: string,
  options: RowsOptions &
    CodeOption & {
      /** Whether a value is good: `(code) => String(code).length % 2 === 0`. */
      readonly holds: (value: CellValue) => boolean;
    },
): Expectation {
  const { holds, sentence = `${column} is as a function says` } = options;
  assertFunction(`cellSatisfies('${column}')`, holds);
  const expectation = expectationOf('cell-satisfies', options, {
    category: 'row',
    sentence,
    rule: { over: 'row', test: 'function', columns: [column], ...codeOf(options), isOfCell: true },
  });
  // Of cells that hold something alone.
  return { ...expectation, column, holds: ([value]) => holds(value as CellValue) };
}

function assertFunction(who: string, holds: unknown): void {
  if (typeof holds === 'function') return;
  throw invalid(`${who} expects a function in holds; got ${JSON.stringify(holds)}. For SQL there is row().`);
}

/** The text of a function, and of what it uses. */
function codeOf({ holds, uses }: CodeOption & { readonly holds: unknown }) {
  const code = [holds, ...(uses ?? [])].map(textOf).join('\n');
  return { code, ...(uses === undefined ? { isOpen: true } : {}) };
}

function textOf(used: unknown): string {
  if (typeof used === 'function' || used instanceof RegExp) return String(used);
  if (used instanceof Set) return JSON.stringify([...used]);
  if (used instanceof Map) return JSON.stringify([...used]);
  return JSON.stringify(used) ?? String(used);
}
