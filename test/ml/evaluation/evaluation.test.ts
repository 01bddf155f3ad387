import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, evaluationSchema, type LabelKind, type Model, splitOf } from '#ml';

/** A model that answers with the numbers it is shown: metrics are tested apart from estimators. */
function echo(label: LabelKind): Model {
  return { label, predict: ({ values }) => values, payload: () => new Uint8Array() };
}

const binary: LabelKind = { kind: 'classification', classes: ['no', 'yes'] };

function judge(label: LabelKind, { predicted, actual }: { predicted: readonly number[]; actual: readonly number[] }) {
  const width = label.kind === 'classification' ? label.classes.length : 1;
  const columns = Array.from({ length: width }, (_, index) => `p${index}`);
  return evaluate(echo(label), {
    matrix: { columns, rowCount: actual.length, values: Float64Array.from(predicted) },
    labels: { label, values: Float64Array.from(actual) },
  });
}

describe('the split', () => {
  it('depends on the id and the seed alone, and is pinned', () => {
    const split = { seed: 7, testShare: 0.25 };
    const parts = Array.from({ length: 12 }, (_, id) => splitOf(id, split));
    expect(parts.map((part) => (part === 'test' ? 1 : 0)).join('')).toMatchInlineSnapshot(`"000110011000"`);
    expect(splitOf('3', split)).toBe(splitOf(3, split));
  });

  it('gives the test part about its share, whatever the seed', () => {
    for (const seed of [0, 1, 42]) {
      const ids = Array.from({ length: 20_000 }, (_, id) => splitOf(id, { seed, testShare: 0.2 }));
      const share = ids.filter((part) => part === 'test').length / ids.length;
      expect(Math.abs(share - 0.2)).toBeLessThan(0.01);
    }
  });

  it('moves rows one way only when the share grows', () => {
    fc.assert(
      fc.property(fc.string(), fc.double({ min: 0, max: 1, noNaN: true }), (id, testShare) => {
        if (splitOf(id, { seed: 1, testShare }) === 'test') {
          expect(splitOf(id, { seed: 1, testShare: Math.min(1, testShare + 0.1) })).toBe('test');
        }
      }),
    );
    expect(() => splitOf('a', { seed: 1, testShare: 1.5 })).toThrow('between 0 and 1');
  });
});

describe('the evaluation of a classifier', () => {
  const evaluation = judge(binary, {
    predicted: [0.9, 0.1, 0.6, 0.4, 0.2, 0.8, 0.3, 0.7],
    actual: [0, 1, 1, 1],
  });

  it('counts the confusion and what follows from it', () => {
    expect(evaluation.confusion).toEqual([
      [1, 0],
      [1, 2],
    ]);
    expect(evaluation.classes).toEqual([
      { class: 'no', precision: 0.5, recall: 1, f1: 2 / 3, support: 1 },
      { class: 'yes', precision: 1, recall: 2 / 3, f1: 0.8, support: 3 },
    ]);
    const { metrics } = evaluation;
    expect(metrics.accuracy?.value).toBe(0.75);
    expect(metrics.balanced_accuracy?.value).toBeCloseTo(5 / 6, 12);
    expect(metrics.f1_macro?.value).toBeCloseTo((2 / 3 + 0.8) / 2, 12);
  });

  it('scores probabilities', () => {
    const { metrics } = evaluation;
    expect(metrics.auc?.value).toBe(1);
    expect(metrics.brier?.value).toBeCloseTo((0.1 ** 2 + 0.6 ** 2 + 0.2 ** 2 + 0.3 ** 2) / 4, 12);
    const loss = -(Math.log(0.9) + Math.log(0.4) + Math.log(0.8) + Math.log(0.7)) / 4;
    expect(metrics.log_loss?.value).toBeCloseTo(loss, 12);
  });

  it('gives accuracy the Wilson interval', () => {
    // 3 of 4: the published formula gives 0.3006 to 0.9544.
    expect(evaluation.metrics.accuracy?.low).toBeCloseTo(0.3006, 4);
    expect(evaluation.metrics.accuracy?.high).toBeCloseTo(0.9544, 4);
  });

  it('is plain JSON, the same for the same seed', () => {
    expect(evaluationSchema.parse(JSON.parse(JSON.stringify(evaluation)))).toEqual(evaluation);
    const actual = Array.from({ length: 60 }, (_, index) => index % 2);
    const predicted = actual.flatMap((_, index) => [1 - ((index * 7) % 60) / 60, ((index * 7) % 60) / 60]);
    expect(judge(binary, { predicted, actual })).toEqual(judge(binary, { predicted, actual }));
  });

  it('counts half for tied scores', () => {
    const tied = judge(binary, { predicted: [0.5, 0.5, 0.5, 0.5], actual: [0, 1] });
    expect(tied.metrics.auc?.value).toBe(0.5);
  });

  it('has an area under the curve equal to the share of pairs in order', () => {
    const rows = fc.array(fc.record({ score: fc.integer({ min: 0, max: 8 }), actual: fc.nat(1) }), {
      minLength: 2,
      maxLength: 25,
    });
    fc.assert(
      fc.property(rows, (all) => {
        const { metrics } = judge(binary, {
          predicted: all.flatMap(({ score }) => [1 - score / 8, score / 8]),
          actual: all.map(({ actual }) => actual),
        });
        const positive = all.filter(({ actual }) => actual === 1);
        const negative = all.filter(({ actual }) => actual === 0);
        const wins = positive.flatMap((p) =>
          negative.map((n) => (p.score > n.score ? 1 : p.score === n.score ? 0.5 : 0)),
        );
        if (wins.length === 0) expect(metrics.auc).toBeUndefined();
        else expect(metrics.auc?.value).toBeCloseTo(wins.reduce<number>((a, b) => a + b, 0) / wins.length, 12);
      }),
      { numRuns: 30 },
    );
  });

  it('knows more than two classes, and a class that never came', () => {
    const three = judge(
      { kind: 'classification', classes: ['a', 'b', 'c'] },
      {
        predicted: [0.8, 0.1, 0.1, 0.2, 0.7, 0.1],
        actual: [0, 1],
      },
    );
    expect(three.metrics.accuracy?.value).toBe(1);
    expect(three.metrics.f1_macro?.value).toBe(1);
    expect(three.metrics.auc).toBeUndefined();
    expect(three.classes?.[2]).toEqual({ class: 'c', precision: 0, recall: 0, f1: 0, support: 0 });
  });

  it('has intervals that hold the value', () => {
    const actual = Array.from({ length: 200 }, (_, index) => index % 2);
    const predicted = actual.flatMap((label, index) => (index % 5 === 0 ? [label, 1 - label] : [1 - label, label]));
    const { metrics } = judge(binary, { predicted, actual });
    expect(metrics.accuracy?.value).toBe(0.8);
    for (const { value, low, high } of Object.values(metrics)) {
      expect(low).toBeLessThanOrEqual(value);
      expect(high).toBeGreaterThanOrEqual(value);
      expect((high ?? 0) - (low ?? 0)).toBeGreaterThan(0);
    }
  });
});

describe('the evaluation of a regression', () => {
  it('measures the errors', () => {
    const { metrics } = judge({ kind: 'regression' }, { predicted: [1, 2, 6], actual: [1, 3, 5] });
    expect(metrics.mae?.value).toBeCloseTo(2 / 3, 12);
    expect(metrics.rmse?.value).toBeCloseTo(Math.sqrt(2 / 3), 12);
    expect(metrics.r2?.value).toBeCloseTo(1 - 2 / 8, 12);
  });

  it('leaves out what is not defined', () => {
    const { metrics } = judge({ kind: 'regression' }, { predicted: [1, 2], actual: [3, 3] });
    expect(metrics.r2).toBeUndefined();
    expect(metrics.mae?.value).toBe(1.5);
  });
});

describe('slices', () => {
  it('judge each category apart, the largest first', () => {
    const evaluation = evaluate(echo(binary), {
      matrix: { columns: ['p0', 'p1'], rowCount: 3, values: Float64Array.of(1, 0, 1, 0, 0, 1) },
      labels: { label: binary, values: Float64Array.of(0, 1, 1) },
      slices: { rows: [{ deck: 'lower' }, { deck: 'lower' }, { deck: null }], columns: ['deck'] },
    });
    expect(evaluation.slices.map(({ value, rows, metrics }) => [value, rows, metrics.accuracy?.value])).toEqual([
      ['lower', 2, 0.5],
      ['(missing)', 1, 1],
    ]);
  });

  it('need rows to judge', () => {
    expect(() => judge(binary, { predicted: [], actual: [] })).toThrow('at least one row');
  });
});
