import { people } from '../../../examples/titanic/people.ts';
import { housesCsv, plantsCsv, sensorsCsv } from '../../fixtures/datasets.ts';

/** Cells of a row by the names of their columns. */
export type Row = Readonly<Record<string, string>>;

/** Data that are put through the walk: a project learns from some rows, and others arrive when it runs. */
export interface WalkedData {
  /** Of the project and its model. */
  readonly name: string;
  readonly label: string;
  /** Column of the row ids; undefined when the rows have none of their own. */
  readonly id: string | undefined;
  /** The columns in the order of the file, the label among them. */
  readonly columns: readonly string[];
  /** What the project learns from, as a CSV text; undefined when it has data of its own. */
  readonly history: string | undefined;
  /** Rows that arrive later. Their label becomes known after they were predicted. */
  readonly later: readonly Row[];
  /** A cell that its column does not take. */
  readonly wrong: Row;
  /** Whether a prediction is as good as can be asked of the row. */
  readonly isRight: (prediction: string | number, label: string) => boolean;
  /** How many of the later rows are predicted right, at least. */
  readonly rightMin: number;
}

const LATER_ROWS = 12;

const isSame = (prediction: string | number, label: string): boolean => prediction === label;
const isWithinTenPercent = (prediction: string | number, label: string): boolean =>
  Math.abs(Number(prediction) - Number(label)) < 0.1 * Number(label);

/** Regression with a time. */
export const houses: WalkedData = {
  ...split(housesCsv(400 + LATER_ROWS)),
  ...{ name: 'houses', label: 'price', id: 'id', wrong: { area: 'huge' } },
  ...{ isRight: isWithinTenPercent, rightMin: LATER_ROWS },
};

/** Three classes, and ids that are texts. */
export const plants: WalkedData = {
  ...split(plantsCsv(300 + LATER_ROWS)),
  ...{ name: 'plants', label: 'species', id: 'plant', wrong: { 'sepal length (cm)': 'long' } },
  ...{ isRight: isSame, rightMin: 10 },
};

/** Sixty columns with empty cells, and no ids. */
export const sensors: WalkedData = {
  ...split(sensorsCsv(300 + LATER_ROWS)),
  ...{ name: 'sensors', label: 'state', id: undefined, wrong: { 'sensor 1': 'hot' } },
  ...{ isRight: isSame, rightMin: 9 },
};

/** The example of the repository, which reads its history from a database. */
export const titanic: WalkedData = {
  ...{ name: 'titanic', label: 'survived', id: 'id', history: undefined, wrong: { age: 'old' } },
  columns: ['id', 'class', 'sex', 'age', 'survived'],
  later: people(1913)
    .slice(0, LATER_ROWS)
    .map((person) => ({
      ...{ id: String(20_000 + person.id), class: person.class, sex: person.sex },
      ...{ age: person.age === null ? '' : String(person.age), survived: person.survived },
    })),
  ...{ isRight: isSame, rightMin: 7 },
};

function split(csv: string): Pick<WalkedData, 'columns' | 'history' | 'later'> {
  const [header = '', ...lines] = csv.trimEnd().split('\n');
  const columns = header.split(',').map((name) => name.replaceAll('"', ''));
  return {
    columns,
    history: [header, ...lines.slice(0, -LATER_ROWS), ''].join('\n'),
    later: lines.slice(-LATER_ROWS).map((line) => toRow(columns, line.split(','))),
  };
}

/** Cells under the names of their columns. */
export function toRow(columns: readonly string[], cells: readonly string[]): Row {
  return Object.fromEntries(columns.map((name, at) => [name, cells[at] ?? '']));
}

/** The rows as a CSV text with these columns. */
export function toCsv(columns: readonly string[], rows: readonly Row[]): string {
  return [columns, ...rows.map((row) => columns.map((name) => row[name] ?? '')), ''].map(String).join('\n');
}
