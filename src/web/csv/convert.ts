import type { ContractAnswer, ContractColumn } from '#api';
import {
  type CsvRecord,
  type CsvTable,
  EXPECTED_OF_UNIQUE,
  FAULTS_IN_WORDS,
  isRepeated,
  type JsonRule,
  matchHeader,
  readCell,
  startRowRules,
} from '#contracts/browser';
import { columnsByName, featuresOf, identitiesOf } from '../columns.ts';
import { own } from '../own.ts';

type Cell = string | number | boolean | null;
/** What is sent of a row. */
export type RowValues = Record<string, Cell>;

/** A cell that violates the contract, or a row that cannot be read: then `field` is empty and `got` says why. */
export interface CellProblem {
  readonly field: string;
  readonly expected: string;
  readonly got: string;
}

export interface ConvertedRow {
  /** Counted from 1, header not included. */
  readonly number: number;
  /** Of the file, from 1; the first of several. */
  readonly line: number;
  /** The cells as they stand in the file, one for each name of its header. */
  readonly cells: readonly string[];
  /** Those of them that are sent, by the contract's columns. */
  readonly texts: Readonly<Record<string, string>>;
  readonly values: RowValues;
  /** The values as they are sent: the text of a cell that its column changes, so that the server counts the change. */
  readonly sent: RowValues;
  readonly problems: readonly CellProblem[];
}

export interface ConvertedTable {
  readonly header: readonly string[];
  readonly rows: readonly ConvertedRow[];
  /** Required features without a column in the file. */
  readonly missing: readonly ContractColumn[];
  /** Optional features without a column in the file. */
  readonly absent: readonly ContractColumn[];
  /** Columns of the contract that the file has, in the contract's order. */
  readonly given: readonly ContractColumn[];
  /** Columns of the file that are not sent. */
  readonly unused: readonly string[];
  /** Columns of the contract with two matching columns. */
  readonly repeated: readonly string[];
}

/** A problem in words. */
export const problemText = ({ field, expected, got }: CellProblem): string =>
  field === '' ? got : `${field}: expected ${expected}, got ${got}`;

export type ContractRules = NonNullable<ContractAnswer['rules']>;

/** Finds what the values of a row break of the contract's further expectations; the server asks those in SQL and code. */
function unmetRules(
  columns: readonly ContractColumn[],
  rules: ContractRules,
): (row: Pick<ConvertedRow, 'values' | 'problems'>) => readonly CellProblem[] {
  const named = columnsByName(columns);
  const asked = rules.flatMap((rule) => maybeStarted(named, rule) ?? []);
  // A row with a wrong cell is not asked further, as in a check.
  return ({ values, problems }) => (problems.length > 0 ? [] : asked.flatMap((unmet) => unmet(values)));
}

/** A rule that is ready to be asked; undefined of one that only a newer page knows, which the server asks in any case. */
function maybeStarted(columns: ReturnType<typeof columnsByName>, rule: ContractRules[number]) {
  try {
    // The server sends the rules of its contract, as data.
    const unmet = startRowRules(columns, [rule as unknown as JsonRule]);
    // What it does not know shows where it is asked.
    unmet({});
    return unmet;
  } catch {
    return undefined;
  }
}

/** One row of a form, with all that the contract asks of it. */
export function convertForm(
  texts: Readonly<Record<string, string>>,
  { columns, rules }: { readonly columns: readonly ContractColumn[]; readonly rules: ContractRules },
): ReturnType<typeof convertRow> {
  const row = convertRow(texts, columns);
  return { ...row, problems: [...row.problems, ...unmetRules(columns, rules)(row)] };
}

/** All fields of one row at once, as a check reads them. */
export function convertRow(
  texts: Readonly<Record<string, string>>,
  columns: readonly ContractColumn[],
): Pick<ConvertedRow, 'texts' | 'values' | 'sent' | 'problems'> {
  const values: [string, Cell][] = [];
  const changed: [string, Cell][] = [];
  const problems: CellProblem[] = [];
  for (const column of columns) {
    const found = own(texts, column.name);
    if (found === undefined && column.optional === true) continue;
    const text = found ?? '';
    if (text === '' && column.role !== 'feature') continue;
    const cell = readCell(text, column);
    if ('value' in cell) {
      values.push([column.name, cell.value]);
      if (cell.isCoerced === true) changed.push([column.name, text]);
    } else problems.push({ field: column.name, ...cell });
  }
  return {
    texts,
    values: Object.fromEntries(values),
    sent: Object.fromEntries([...values, ...changed]),
    problems,
  };
}

/** A file against the contract's features and the id and time of its rows. */
export function convertTable(
  { header = [], records }: CsvTable,
  columns: readonly ContractColumn[],
  rules: ContractRules = [],
): ConvertedTable {
  const features = featuresOf(columns);
  const sent = [...features, ...identitiesOf(columns)];
  const { positions, repeated } = matchHeader({ columns: columnsByName(columns) }, header);
  const given = sent.filter(({ name }) => positions.has(name));
  const lacking = features.filter(({ name }) => !positions.has(name) && !repeated.includes(name));
  const isOptional = ({ nullable, alwaysNull, optional }: ContractColumn): boolean =>
    nullable || alwaysNull === true || optional === true;
  const used = new Set(given.map(({ name }) => positions.get(name)));
  const convert = rowConverter({ header, sent, positions, unmet: unmetRules(sent, rules) });
  return {
    header,
    rows: records.map((record, index) => ({ number: index + 1, ...convert(record) })),
    given,
    missing: lacking.filter((column) => !isOptional(column)),
    absent: lacking.filter(isOptional),
    unused: header.filter((_, position) => !used.has(position)),
    repeated: repeated.filter((name) => sent.some((column) => column.name === name)),
  };
}

interface Converting {
  readonly header: readonly string[];
  readonly sent: readonly ContractColumn[];
  readonly positions: ReadonlyMap<string, number>;
  readonly unmet: ReturnType<typeof unmetRules>;
}

/** A row of a file in another form: its cells and what is wrong with them as they stand there. */
function withTexts(row: ReturnType<typeof convertRow>, texts: Readonly<Record<string, string>>): typeof row {
  const problems = row.problems.map((problem) => {
    const text = own(texts, problem.field) ?? '';
    return text === '' ? problem : { ...problem, got: JSON.stringify(text) };
  });
  return { ...row, texts, problems };
}

/** Converts the records of a file in their order: a value of a unique column is one that no earlier row has. */
function rowConverter({
  header,
  sent,
  positions,
  unmet,
}: Converting): (record: CsvRecord) => Omit<ConvertedRow, 'number'> {
  const given = sent.flatMap(({ name }) => {
    const position = positions.get(name);
    return position === undefined ? [] : [[name, position] as const];
  });
  const unique = sent.flatMap(({ name, kind, unique: isUnique }) =>
    isUnique === true ? [{ name, kind, seen: new Set<unknown>() }] : [],
  );
  return ({ line, cells: found, values, fault }) => {
    const cells = header.map((_, position) => found[position] ?? '');
    const textsOf = (all: readonly string[]): Record<string, string> =>
      Object.fromEntries(given.map(([name, position]) => [name, all[position] ?? '']));
    const texts = textsOf(cells);
    if (fault !== undefined) {
      const counts = fault.endsWith('fields') ? ` (${found.length} instead of ${header.length})` : '';
      const problem = { field: '', expected: 'a row', got: `${FAULTS_IN_WORDS[fault]}${counts}` };
      return { line, cells, texts, values: {}, sent: {}, problems: [problem] };
    }
    const row = values === undefined ? convertRow(texts, sent) : withTexts(convertRow(textsOf(values), sent), texts);
    const repeated = unique
      .filter(({ name, ...seen }) => isRepeated(own(row.values, name), seen))
      .map(({ name }) => ({ field: name, expected: EXPECTED_OF_UNIQUE, got: JSON.stringify(own(texts, name)) }));
    return { line, cells, ...row, problems: [...row.problems, ...repeated, ...unmet(row)] };
  };
}
