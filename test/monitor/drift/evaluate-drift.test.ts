import { describe, expect, it } from 'vitest';
import { type ColumnValues, type DriftReport, evaluateDrift, sampleOf, sustainedDrift } from '#monitor';
import { killsEverywhere } from '../../kills/choose-kills.ts';
import { drawn, normal, seeded } from './random.ts';

const random = seeded(20);

function judge(
  reference: Readonly<Record<string, ColumnValues>>,
  current: Readonly<Record<string, ColumnValues>>,
): DriftReport {
  return evaluateDrift({ reference: sampleOf(reference), current: sampleOf(current) });
}
const numbers = (values: readonly (number | null)[]): ColumnValues => ({ kind: 'number', values });
const categories = (values: readonly (string | null)[]): ColumnValues => ({ kind: 'category', values });
const drifted = ({ scores }: DriftReport) =>
  scores.filter(({ verdict }) => verdict === 'drifted').map(({ column, kind }) => `${column}: ${kind}`);
/** Every nth cell is missing. */
const holes = <T>(values: readonly T[], every: number) =>
  values.map((value, index) => (index % every === 0 ? null : value));

describe('evaluateDrift', () => {
  const ages = (count: number, mean: number) => normal(random, { count }).map((value) => mean + 12 * value);

  it('finds ages of 60 where they were 45, in a window of a hundred rows', () => {
    const report = judge({ age: numbers(ages(700, 45)) }, { age: numbers(ages(100, 60)) });
    expect(drifted(report)).toEqual(['age: distribution']);
    expect(report.isDrifted).toBe(true);
    const score = report.scores.find(({ kind }) => kind === 'distribution');
    expect(score).toMatchObject({ test: 'kolmogorov-smirnov', rows: { reference: 700, current: 100 }, effectMin: 0.1 });
    expect(score?.stabilityIndex).toBeGreaterThan(0.25);
  });

  it('finds other shares of categories, a category never seen, and more missing cells, each by its name', () => {
    const before = drawn(random, { count: 700, categories: 4 });
    const now = drawn(random, { count: 100, categories: 4 });
    expect(drifted(judge({ port: categories(before) }, { port: categories(now) }))).toEqual([]);
    const swapped = now.map((name) => (name === 'c0' ? 'c3' : name === 'c3' ? 'c0' : name));
    expect(drifted(judge({ port: categories(before) }, { port: categories(swapped) }))).toEqual(['port: distribution']);
    const fresh = now.map((name, index) => (index % 12 === 0 ? 'new' : name));
    expect(drifted(judge({ port: categories(before) }, { port: categories(fresh) }))).toContain('port: new-category');
    const full = numbers(ages(700, 45));
    expect(drifted(judge({ age: full }, { age: numbers(holes(ages(100, 45), 4)) }))).toEqual(['age: missing']);
  });

  it('does not shout at one row of a new category', () => {
    const before = categories(drawn(random, { count: 700, categories: 4 }));
    const now = drawn(random, { count: 100, categories: 4 });
    expect(drifted(judge({ port: before }, { port: categories(['new', ...now.slice(1)]) }))).toEqual([]);
  });

  it('takes a difference that is sure but tiny for none', () => {
    const before = numbers(normal(random, { count: 100_000 }));
    const now = numbers(normal(random, { count: 100_000, mean: 0.06 }));
    const report = judge({ x: before }, { x: now });
    const score = report.scores.find(({ kind }) => kind === 'distribution');
    expect(score?.pValue).toBeLessThan(0.01);
    expect(drifted(report)).toEqual([]);
  });

  it('says from which effect on it is drift, for these numbers of rows', () => {
    const small = judge({ age: numbers(ages(700, 45)) }, { age: numbers(ages(50, 45)) });
    const large = judge({ age: numbers(ages(7000, 45)) }, { age: numbers(ages(5000, 45)) });
    const [missing, distribution] = small.scores;
    expect(distribution?.threshold).toBeCloseTo(0.216, 2);
    expect(missing).toMatchObject({ kind: 'missing', effect: 0, threshold: 0.05 });
    // There the smallest significant distance would be too small to matter.
    expect(large.scores[1]).toMatchObject({ effectMin: 0.1, threshold: 0.1 });
    expect(small.options).toMatchObject({ falseAlarmRate: 0.05, rowsMin: 30 });
  });

  it('says drift exactly where the effect reaches the threshold', () => {
    const verdicts = { stable: 0, drifted: 0 };
    for (let repeat = 0; repeat < 60; repeat += 1) {
      const by = (repeat % 6) * 0.2;
      const tied = (count: number, mean: number) => ages(count, 40 + mean).map((value) => Math.round(value / 5));
      const some = (count: number, every: number) => holes(drawn(random, { count, categories: 5 }), every);
      const report = evaluateDrift(
        {
          reference: sampleOf({ x: numbers(ages(200, 40)), y: numbers(tied(200, 0)), z: categories(some(200, 9)) }),
          current: sampleOf({
            x: numbers(ages(60, 40 + 12 * by)),
            y: numbers(tied(60, 12 * by)),
            z: categories(some(60, 9 - (repeat % 6)).map((name) => (name !== null && random() < by / 3 ? 'c4' : name))),
          }),
        },
        { effectMin: { distribution: 0, missing: 0, 'new-category': 0 } },
      );
      for (const { effect, threshold, verdict } of report.scores) {
        expect(effect >= threshold).toBe(verdict === 'drifted');
        verdicts[verdict] += 1;
      }
    }
    expect(Math.min(verdicts.stable, verdicts.drifted)).toBeGreaterThan(50);
  });

  it('counts the rows of both sides in the bins of the reference, with what each adds to the index', () => {
    const reference = {
      age: numbers([...ages(600, 45), ...new Array<number>(100).fill(0)]),
      port: categories([...'aabbbcc'.repeat(100)]),
    };
    const report = judge(reference, { age: numbers(ages(100, 60)), port: categories([...'aaabbbbccd'.repeat(10)]) });
    for (const { kind, stabilityIndex = 0, bins = [] } of report.scores) {
      if (kind === 'distribution')
        expect(bins.reduce((sum, bin) => sum + bin.stability, 0)).toBeCloseTo(stabilityIndex, 12);
    }
    const [age, port] = report.scores.filter(({ kind }) => kind === 'distribution');
    expect(age?.bins).toContainEqual({
      kind: 'range',
      from: 0,
      to: 0,
      reference: 100,
      current: 0,
      stability: expect.any(Number),
    });
    expect(age?.bins?.[0]).toMatchObject({ from: null });
    expect(age?.bins?.at(-1)).toMatchObject({ to: null });
    expect(age?.stabilityIndex).toBeGreaterThan(age?.stabilityThreshold ?? 1);
    expect(port?.bins).toEqual([
      expect.objectContaining({ name: 'b', reference: 300, current: 40, isNew: false }),
      expect.objectContaining({ name: 'a', reference: 200, current: 30 }),
      expect.objectContaining({ name: 'c', reference: 200, current: 20 }),
      expect.objectContaining({ name: 'd', reference: 0, current: 10, isNew: true }),
    ]);
  });

  it('counts rare categories together when there are very many', () => {
    const many = (count: number) => categories(Array.from({ length: count }, (_, at) => `c${at % 200}`));
    const score = judge({ c: many(6000) }, { c: many(600) }).scores.find(({ kind }) => kind === 'distribution');
    expect(score?.bins).toHaveLength(31);
    expect(score?.bins?.at(-1)).toMatchObject({ kind: 'others', categories: 170, reference: 5100, current: 510 });
    // 232.9 is the value that chi-square with 199 degrees of freedom exceeds once in twenty times.
    expect(score?.stabilityThreshold).toBeCloseTo(232.91 * (1 / 6000 + 1 / 600), 3);
  });

  it('says why it does not judge: too few rows, too few values, no such column, another kind', () => {
    const full = numbers(ages(700, 45));
    const report = judge(
      { few: full, empty: full, gone: full, changed: full },
      {
        few: numbers(ages(29, 90)),
        empty: numbers(new Array<null>(100).fill(null)),
        changed: categories(drawn(random, { count: 100, categories: 3 })),
      },
    );
    expect(report.unjudged).toEqual([
      { column: 'few', reason: '700 rows against 29; a verdict needs 30 of each' },
      { column: 'empty', reason: '700 values against 0; a verdict on them needs 30 of each' },
      { column: 'gone', reason: 'the window has no such column' },
      { column: 'changed', reason: 'the reference has a number, the window a category' },
    ]);
    expect(drifted(report)).toEqual(['empty: missing']);
  });

  it('refuses a number that is none', () => {
    expect(() => sampleOf({ age: numbers([1, Number.NaN]) })).toThrow('Expected numbers in the column age, got NaN');
  });

  it('takes no column of the window from the prototype of objects', () => {
    const full = numbers(ages(100, 45));
    expect(judge({ constructor: full }, { age: full }).unjudged).toEqual([
      { column: 'constructor', reason: 'the window has no such column' },
    ]);
  });
});

describe('the false-alarm rate', () => {
  // Chance of more alarms than that at a true rate of 5 %: 1 in 500 of 300, 1 in 700 of 100; the seed is fixed.
  const { windows, alarmsMax } = killsEverywhere() ? { windows: 300, alarmsMax: 27 } : { windows: 100, alarmsMax: 12 };

  /** Twelve columns without any drift: eight of numbers (one with missing cells), four of categories. */
  function window(count: number): Readonly<Record<string, ColumnValues>> {
    const columns: Record<string, ColumnValues> = {};
    for (let index = 0; index < 7; index += 1) columns[`n${index}`] = numbers(normal(random, { count }));
    columns.holes = numbers(normal(random, { count }).map((value) => (random() < 0.2 ? null : value)));
    for (let index = 0; index < 4; index += 1)
      columns[`c${index}`] = categories(drawn(random, { count, categories: 3 + index }));
    return columns;
  }

  it.each([
    [700, 50],
    [700, 500],
    [2000, 100],
  ])('of twelve columns together is at most one window in twenty, %i rows against %i', (m, n) => {
    let [alarms, usual] = [0, 0];
    for (let repeat = 0; repeat < windows; repeat += 1) {
      const reference = sampleOf(window(m));
      const current = sampleOf(window(n));
      // Without the floor under the effect: the tests alone must hold the rate.
      const report = evaluateDrift(
        { reference, current },
        { effectMin: { distribution: 0, missing: 0, 'new-category': 0 } },
      );
      if (report.isDrifted) alarms += 1;
      if (report.scores.some(({ stabilityIndex }) => (stabilityIndex ?? 0) > 0.1)) usual += 1;
    }
    expect(alarms).toBeLessThanOrEqual(alarmsMax);
    // What the usual threshold does with the same windows; the reason for all this.
    if (n <= 100) expect(usual / windows).toBeGreaterThan(0.9);
  });

  it.each([
    [700, 500],
    [3000, 3000],
    [5000, 100],
  ])('holds for very many categories, most of them rare, %i rows against %i', (m, n) => {
    const many = (count: number) => categories(Array.from({ length: count }, () => `c${Math.floor(200 ** random())}`));
    let alarms = 0;
    for (let repeat = 0; repeat < 100; repeat += 1) if (judge({ c: many(m) }, { c: many(n) }).isDrifted) alarms += 1;
    // At one in twenty, more than 12 of 100 come once in 700 times.
    expect(alarms).toBeLessThanOrEqual(12);
  });
});

describe('sustainedDrift', () => {
  const report = (...columns: string[]) => ({
    scores: columns.map((column) => ({ column, kind: 'distribution', verdict: 'drifted' }) as const),
  });

  it('asks for k of the last n windows', () => {
    const reports = [report('old', 'age'), report('old'), report('age'), report(), report('age', 'fare')];
    expect(sustainedDrift(reports, { k: 2, n: 3 })).toEqual([{ column: 'age', kind: 'distribution', windows: 2 }]);
    expect(sustainedDrift(reports, { k: 3, n: 3 })).toEqual([]);
    expect(sustainedDrift(reports, { k: 3, n: 5 })).toEqual([{ column: 'age', kind: 'distribution', windows: 3 }]);
  });

  it('refuses more windows than it looks at', () => {
    expect(() => sustainedDrift([], { k: 4, n: 3 })).toThrow('1 ≤ k ≤ n');
  });
});
