import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Estimator, FitTools, LabelKind, Labels, Matrix, Model } from '#ml';

/** Matrices of any finite numbers, many of them equal, so that ties are the rule. */
function matrices(width: number, rows: { minLength: number; maxLength: number }): fc.Arbitrary<Matrix> {
  const cell = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: -2, max: 2 }) },
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  return fc
    .array(fc.array(cell, { minLength: width, maxLength: width }), rows)
    .map((cells) => toMatrixOf(cells, width));
}

function toMatrixOf(cells: readonly (readonly number[])[], width: number): Matrix {
  const columns = Array.from({ length: width }, (_, index) => `x${index}`);
  return { columns, rowCount: cells.length, values: Float64Array.from(cells.flat()) };
}

function rowsOf(matrix: Matrix): number[][] {
  const width = matrix.columns.length;
  return Array.from({ length: matrix.rowCount }, (_, row) => [
    ...matrix.values.subarray(row * width, (row + 1) * width),
  ]);
}

function labelsFor(label: LabelKind, rowCount: number): fc.Arbitrary<Labels> {
  const value =
    label.kind === 'classification'
      ? fc.nat(label.classes.length - 1)
      : fc.double({ noNaN: true, min: -1e6, max: 1e6 });
  return fc
    .array(value, { minLength: rowCount, maxLength: rowCount })
    .map((values) => ({ label, values: Float64Array.from(values) }));
}

const LABELS: readonly LabelKind[] = [
  { kind: 'classification', classes: ['no', 'yes'] },
  { kind: 'classification', classes: ['a', 'b', 'c', 'd'] },
  { kind: 'regression' },
];

/** Between a sum of probabilities and 1. */
const SUM_FAULT_MAX = 5e-13;

interface Case {
  readonly training: Matrix;
  readonly labels: Labels;
  readonly queries: Matrix;
}

function cases(label: LabelKind): fc.Arbitrary<Case> {
  return fc.integer({ min: 1, max: 5 }).chain((width) =>
    matrices(width, { minLength: 1, maxLength: 40 }).chain((training) =>
      fc.record({
        training: fc.constant(training),
        labels: labelsFor(label, training.rowCount),
        queries: matrices(width, { minLength: 1, maxLength: 12 }),
      }),
    ),
  );
}

function answersByRow(model: Model, queries: Matrix): number[][] {
  const width = model.label.kind === 'classification' ? model.label.classes.length : 1;
  const predicted = [...model.predict(queries)];
  return rowsOf(queries).map((_, row) => predicted.slice(row * width, (row + 1) * width));
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Numbers as one text, the same for the same bits: that compares at once what `toEqual` goes through value by value. */
const bitsOf = (values: Iterable<number>): string => hexOf(new Uint8Array(Float64Array.from(values).buffer));

/** Finite numbers for a row: one, or probabilities of each class that sum to 1. */
function isAnswer(answer: readonly number[], label: LabelKind): boolean {
  if (answer.length !== (label.kind === 'classification' ? label.classes.length : 1)) return false;
  if (!answer.every(Number.isFinite)) return false;
  if (label.kind === 'regression') return true;
  const sum = answer.reduce((total, probability) => total + probability, 0);
  return answer.every((probability) => probability >= 0 && probability <= 1) && Math.abs(sum - 1) < SUM_FAULT_MAX;
}

interface SuiteOptions {
  /** Which labels it learns; all unless set. */
  readonly labels?: readonly LabelKind['kind'][];
  /** What a training is given beside its rows. */
  readonly tools?: () => FitTools;
  /** How many examples each property is tried with: a hundred unless set. */
  readonly runs?: number;
}

interface Subject {
  readonly make: () => Estimator;
  readonly learn: (training: Matrix, labels: Labels) => Promise<Model>;
  /** How properties are tried. */
  readonly parameters: { readonly numRuns?: number };
}

/** What every estimator must hold to, whatever it learns. */
export function testEstimator(name: string, make: () => Estimator, options: SuiteOptions = {}): void {
  const { tools, runs } = options;
  const subject: Subject = {
    make,
    learn: async (training, given) => make().fit(training, given, tools?.()),
    parameters: runs === undefined ? {} : { numRuns: runs },
  };
  const labels = LABELS.filter(({ kind }) => options.labels?.includes(kind) ?? true);
  describe(`estimator ${name}`, () => {
    for (const label of labels) {
      const title = label.kind === 'regression' ? 'regression' : `${label.classes.length} classes`;
      describe(title, () => testLabel(subject, label));
    }
    testRefusals(subject, labels[0] ?? { kind: 'regression' });
  });
}

function testLabel({ make, learn, parameters }: Subject, label: LabelKind): void {
  it('answers every row with finite numbers, probabilities that sum to 1', () => {
    return fc.assert(
      fc.asyncProperty(cases(label), async ({ training, labels, queries }) => {
        const answers = answersByRow(await learn(training, labels), queries);
        expect(answers.filter((answer) => !isAnswer(answer, label))).toEqual([]);
      }),
      parameters,
    );
  });

  it('answers a row alone as it does among many, bit for bit, in any order', () => {
    return fc.assert(
      fc.asyncProperty(cases(label), async ({ training, labels, queries }) => {
        const model = await learn(training, labels);
        const together = answersByRow(model, queries);
        const width = queries.columns.length;
        rowsOf(queries).forEach((row, index) => {
          expect(bitsOf(answersByRow(model, toMatrixOf([row], width)).flat())).toBe(bitsOf(together[index] ?? []));
        });
        const reversed = toMatrixOf(rowsOf(queries).toReversed(), width);
        expect(bitsOf(answersByRow(model, reversed).flat())).toBe(bitsOf(together.toReversed().flat()));
      }),
      parameters,
    );
  });

  it('fits the same model from the same rows and says the same after a round trip through its payload', () => {
    return fc.assert(
      fc.asyncProperty(cases(label), async ({ training, labels, queries }) => {
        const model = await learn(training, labels);
        const payload = model.payload();
        expect(hexOf((await learn(training, labels)).payload())).toBe(hexOf(payload));
        const loaded = make().load(payload);
        expect(loaded.label).toEqual(label);
        expect(bitsOf(loaded.predict(queries))).toBe(bitsOf(model.predict(queries)));
        expect(hexOf(loaded.payload())).toBe(hexOf(payload));
      }),
      parameters,
    );
  });

  it('answers no rows with no numbers', async () => {
    const training = toMatrixOf([[0], [1], [2]], 1);
    const model = await learn(training, { label, values: Float64Array.of(0, 1, 1) });
    expect(model.predict(toMatrixOf([], 1))).toHaveLength(0);
  });
}

function testRefusals({ make, learn }: Subject, label: LabelKind): void {
  const training = toMatrixOf(
    [
      [0, 1],
      [1, 0],
      [2, 2],
    ],
    2,
  );
  const labels = { label, values: Float64Array.of(0, 1, 1) };

  it('refuses a payload with any one byte changed, cut or added', async () => {
    const payload = (await learn(training, labels)).payload();
    for (let at = 0; at < payload.length; at += 1) {
      const changed = payload.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x40;
      expect(() => make().load(changed)).toThrow(/no model payload/);
    }
    for (const length of [0, 7, 16, payload.length - 1]) {
      expect(() => make().load(payload.slice(0, length))).toThrow(/no model payload/);
    }
    expect(() => make().load(Uint8Array.of(...payload, 0))).toThrow(/no model payload/);
  });

  it('reads a payload wherever it lies in memory', async () => {
    const model = await learn(training, labels);
    const payload = model.payload();
    const shifted = new Uint8Array(payload.length + 3);
    shifted.set(payload, 3);
    expect(make().load(shifted.subarray(3)).predict(training)).toEqual(model.predict(training));
  });

  it('refuses to learn from nothing, from numbers that it cannot read, or from labels that do not fit', async () => {
    const nothing = { label, values: new Float64Array(0) };
    await expect(learn(toMatrixOf([], 2), nothing)).rejects.toThrow('no training row');
    const unreadable = make().reads === 'coded' ? Number.POSITIVE_INFINITY : Number.NaN;
    await expect(learn(toMatrixOf([[unreadable, 1]], 2), { label, values: Float64Array.of(0) })).rejects.toThrow(
      'finite',
    );
    await expect(learn(training, { label, values: Float64Array.of(0, 1) })).rejects.toThrow('as many labels');
    const unlabelled = { label, values: Float64Array.of(0, 1, Number.NaN) };
    await expect(learn(training, unlabelled)).rejects.toThrow('label of row 2');
  });

  it('refuses rows with other columns than it was fitted on', async () => {
    const model = await learn(training, labels);
    expect(() => model.predict({ ...training, columns: ['x1', 'x0'] })).toThrow('fitted on the columns x0, x1');
  });
}
