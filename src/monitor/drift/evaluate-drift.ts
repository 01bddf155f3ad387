import { type DriftBin, maybeStability } from './bins.ts';
import { maybeChiSquare } from './chi-square.ts';
import { fisherExact, moreUnseen } from './fisher.ts';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts';
import type { ColumnSample, Sample } from './sample.ts';
import { significanceLimits } from './significance-limits.ts';
import type { TestResult } from './test-result.ts';

/** What about a column can drift: its values, how many are missing, or categories the reference never had. */
export type DriftKind = 'distribution' | 'missing' | 'new-category';

/** One comparison of a column with the reference. */
export interface DriftScore {
  readonly column: string;
  readonly kind: DriftKind;
  readonly test: 'kolmogorov-smirnov' | 'chi-square' | 'fisher';
  /** Rows compared, of the reference and of the window. */
  readonly rows: { readonly reference: number; readonly current: number };
  /** How much they differ, from 0 to 1: the largest distance of distributions, or the share of rows that differ. */
  readonly effect: number;
  /** Below it a difference is too small to matter, even if significant. */
  readonly effectMin: number;
  /** From this effect on it is drift: the smallest that is significant for these rows, and at least `effectMin`. */
  readonly threshold: number;
  readonly pValue: number;
  /** Up to this probability a difference is significant, after correction for all comparisons of the window. */
  readonly pValueMax: number;
  /** For distributions: how much they differ, as in profiles and contracts. For display; the effect decides. */
  readonly stabilityIndex?: number;
  /** For distributions: the index that chance alone exceeds in the stated share of windows of this size. */
  readonly stabilityThreshold?: number;
  /** For distributions: the rows in the bins of the reference, and what each adds to the index. */
  readonly bins?: readonly DriftBin[];
  readonly verdict: 'stable' | 'drifted';
}

export interface DriftReport {
  readonly scores: readonly DriftScore[];
  /** Columns without a verdict, and why. */
  readonly unjudged: readonly { readonly column: string; readonly reason: string }[];
  readonly isDrifted: boolean;
  /** By what it was judged. */
  readonly options: DriftOptions;
}

export interface DriftOptions {
  /** Share of windows that may raise a false alarm, over all columns together. */
  readonly falseAlarmRate: number;
  /** Fewer values than this, on either side, give no verdict. */
  readonly rowsMin: number;
  readonly effectMin: Readonly<Record<DriftKind, number>>;
}

const OPTIONS: DriftOptions = {
  falseAlarmRate: 0.05,
  rowsMin: 30,
  // A tenth of the rows moved; five per cent more cells are missing; two per cent of the rows have a new category.
  effectMin: { distribution: 0.1, missing: 0.05, 'new-category': 0.02 },
};

/**
 * Finds the columns of a window that differ from the reference more than by chance. A drift must be significant
 * (two-sample tests, exact for the given numbers of rows, corrected for the number of tests) and large enough to
 * matter. Predictions are judged as columns are: classes as categories, values and confidences as numbers.
 */
export function evaluateDrift(
  { reference, current }: { readonly reference: Sample; readonly current: Sample },
  changed: Partial<DriftOptions> = {},
): DriftReport {
  const options = { ...OPTIONS, ...changed };
  const compared = Object.entries(reference).map(([column, before]) =>
    compare({ column, before, now: Object.hasOwn(current, column) ? current[column] : undefined }, options),
  );
  const drafts = compared.flatMap(({ scores }) => scores);
  const limits = significanceLimits(
    drafts.map(({ result }) => result.pValue),
    options.falseAlarmRate,
  );
  const scores = drafts.map((draft, index) => judge(draft, { pValueMax: limits[index] ?? 0, options }));
  return {
    scores,
    unjudged: compared.flatMap(({ unjudged }) => unjudged),
    isDrifted: scores.some(({ verdict }) => verdict === 'drifted'),
    options,
  };
}

interface Draft extends Pick<DriftScore, 'column' | 'kind' | 'test' | 'rows'> {
  readonly result: TestResult;
  readonly stability?: Pick<DriftScore, 'stabilityIndex' | 'stabilityThreshold' | 'bins'>;
}

function judge(
  { result, stability, ...compared }: Draft,
  { pValueMax, options }: { readonly pValueMax: number; readonly options: DriftOptions },
): DriftScore {
  const { effect, pValue } = result;
  const effectMin = options.effectMin[compared.kind];
  const threshold = Math.max(effectMin, result.smallestEffect(pValueMax));
  const verdict = pValue <= pValueMax && effect >= effectMin ? 'drifted' : 'stable';
  return { ...compared, effect, effectMin, threshold, pValue, pValueMax, ...stability, verdict };
}

interface Compared {
  readonly scores: readonly Draft[];
  readonly unjudged: DriftReport['unjudged'];
}
interface Pair {
  readonly column: string;
  readonly before: ColumnSample;
  readonly now: ColumnSample | undefined;
}

function compare({ column, before, now }: Pair, options: DriftOptions): Compared {
  const unjudged = (reason: string): Compared => ({ scores: [], unjudged: [{ column, reason }] });
  if (now === undefined) return unjudged('the window has no such column');
  if (now.kind !== before.kind) return unjudged(`the reference has a ${before.kind}, the window a ${now.kind}`);
  if (now.rows < options.rowsMin || before.rows < options.rowsMin) {
    return unjudged(`${before.rows} rows against ${now.rows}; a verdict needs ${options.rowsMin} of each`);
  }
  const missing: Draft = {
    column,
    kind: 'missing',
    test: 'fisher',
    rows: { reference: before.rows, current: now.rows },
    result: fisherExact({ count: before.missing, of: before.rows }, { count: now.missing, of: now.rows }),
  };
  const present = { reference: before.rows - before.missing, current: now.rows - now.missing };
  if (Math.min(present.reference, present.current) < options.rowsMin) {
    const reason = `${present.reference} values against ${present.current}; a verdict on them needs ${options.rowsMin} of each`;
    return { scores: [missing], unjudged: [{ column, reason }] };
  }
  return { scores: [missing, ...compareValues({ column, before, now, present }, options)], unjudged: [] };
}

interface Values {
  readonly column: string;
  readonly before: ColumnSample;
  readonly now: ColumnSample;
  readonly present: DriftScore['rows'];
}

function compareValues(
  { column, before, now, present: rows }: Values,
  { falseAlarmRate }: DriftOptions,
): readonly Draft[] {
  const distribution = {
    column,
    kind: 'distribution',
    rows,
    stability: maybeStability({ before, now }, falseAlarmRate) ?? {},
  } as const;
  if (before.kind === 'number' && now.kind === 'number') {
    const result = kolmogorovSmirnov(before.sorted, now.sorted);
    return [{ ...distribution, test: 'kolmogorov-smirnov', result }];
  }
  if (before.kind !== 'category' || now.kind !== 'category') return [];
  const names = [...new Set([...before.counts.keys(), ...now.counts.keys()])];
  const shares = maybeChiSquare(
    names.map((name) => ({ reference: before.counts.get(name) ?? 0, current: now.counts.get(name) ?? 0 })),
  );
  const once = [...before.counts.values()].filter((count) => count === 1).length;
  const fresh = [...now.counts].reduce((sum, [name, count]) => (before.counts.has(name) ? sum : sum + count), 0);
  const unseen = moreUnseen({ count: once, of: rows.reference }, { count: fresh, of: rows.current });
  return [
    ...(shares === undefined ? [] : [{ ...distribution, test: 'chi-square', result: shares } as const]),
    { column, kind: 'new-category', test: 'fisher', rows, result: unseen },
  ];
}
