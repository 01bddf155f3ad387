import type { Matrix } from '../estimators/estimator.ts';
import type { FeatureRow } from '../prediction.ts';
import { bitIn, categoryIn, cellOf, numberReader, timePartIn } from './cell.ts';
import type { FittedColumn, FittedFeatures } from './features.ts';

interface Encoder {
  readonly columns: readonly string[];
  /** Writes this column's numbers of one row from `at` on; the space is zeroed before. */
  write(row: FeatureRow, into: { readonly values: Float64Array; readonly at: number; readonly row: number }): void;
}

interface Encoding {
  readonly columns: readonly string[];
  readonly coded?: readonly number[];
  readonly encoders: readonly { readonly encoder: Encoder; readonly start: number }[];
}

const encodings = new WeakMap<FittedFeatures, Encoding>();

/** Rows as a matrix for a model. The same code runs in training, evaluation, scheduled and online prediction. */
export function toMatrix(fitted: FittedFeatures, rows: readonly FeatureRow[]): Matrix {
  const { columns, coded, encoders } = encodingOf(fitted);
  const width = columns.length;
  const values = new Float64Array(rows.length * width);
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index] ?? {};
    for (const { encoder, start } of encoders) encoder.write(row, { values, at: index * width + start, row: index });
  }
  return { columns, rowCount: rows.length, values, ...(coded === undefined ? {} : { coded }) };
}

/** The positions of the numbers in a row of the matrix that come from each column of the data. */
export function columnGroups(
  fitted: FittedFeatures,
): readonly { readonly name: string; readonly columns: readonly number[] }[] {
  const positions = new Map<string, number[]>(fitted.columns.map(({ column }) => [column, []]));
  encodingOf(fitted).encoders.forEach(({ encoder, start }, index) => {
    const own = positions.get(fitted.columns[index]?.column ?? '');
    own?.push(...encoder.columns.map((_, offset) => start + offset));
  });
  return [...positions].map(([name, columns]) => ({ name, columns }));
}

function encodingOf(fitted: FittedFeatures): Encoding {
  const known = encodings.get(fitted);
  if (known !== undefined) return known;
  const columns: string[] = [];
  const coded: number[] = [];
  const encoders = fitted.columns.map((column) => {
    const encoder = withIndicator(column, encoderOf(column));
    const start = columns.length;
    if (column.kind === 'category' && column.coded === true) coded.push(start);
    columns.push(...encoder.columns);
    return { encoder, start };
  });
  const encoding = { columns: Object.freeze(columns), encoders, ...(coded.length === 0 ? {} : { coded }) };
  encodings.set(fitted, encoding);
  return encoding;
}

function encoderOf(fitted: FittedColumn): Encoder {
  switch (fitted.kind) {
    case 'number':
      return numberEncoder(fitted);
    case 'category':
      return categoryEncoder(fitted);
    case 'boolean':
      return booleanEncoder(fitted);
    default:
      return fitted satisfies never;
  }
}

function numberEncoder(fitted: FittedColumn & { kind: 'number' }): Encoder {
  const { column, fill, offset, divisor } = fitted;
  const read = numberReader(fitted);
  return {
    columns: [column],
    write(row, { values, at, row: index }) {
      values[at] = ((read(cellOf(row, column), { column, row: index }) ?? fill ?? Number.NaN) - offset) / divisor;
    },
  };
}

function categoryEncoder({ column, categories, fill, part, coded }: FittedColumn & { kind: 'category' }): Encoder {
  const positions = new Map(categories.map((category, position) => [category, position]));
  const called = part === undefined ? column : `${column} ${part}`;
  const positionIn = (row: FeatureRow, index: number): number | undefined => {
    const cell = cellOf(row, column);
    const category = (part === undefined ? categoryIn(cell) : timePartIn(cell, { column, row: index, part })) ?? fill;
    return category === null ? undefined : positions.get(category);
  };
  if (coded === true)
    return {
      columns: [called],
      write(row, { values, at, row: index }) {
        values[at] = positionIn(row, index) ?? Number.NaN;
      },
    };
  return {
    columns: categories.map((category) => `${called}=${category}`),
    write(row, { values, at, row: index }) {
      const position = positionIn(row, index);
      if (position !== undefined) values[at + position] = 1;
    },
  };
}

function booleanEncoder({ column, fill }: FittedColumn & { kind: 'boolean' }): Encoder {
  return {
    columns: [column],
    write(row, { values, at, row: index }) {
      values[at] = bitIn(cellOf(row, column), { column, row: index }) ?? fill ?? Number.NaN;
    },
  };
}

function withIndicator({ column, indicator }: FittedColumn, encoder: Encoder): Encoder {
  if (!indicator) return encoder;
  const own = encoder.columns.length;
  return {
    columns: [...encoder.columns, `${column} is missing`],
    write(row, into) {
      encoder.write(row, into);
      if ((cellOf(row, column) ?? null) === null) into.values[into.at + own] = 1;
    },
  };
}
