import { differenceOfNumbers } from '#contracts';
import { benjaminiHochberg } from './benjamini-hochberg.ts';
import type { ColumnSample, Sample } from './sample.ts';
import { fisherExact, kolmogorovSmirnov, maybeChiSquare, moreUnseen } from './two-sample-tests.ts';

/** What about a column can drift: its values, how many are missing, or categories the reference never had. */
export type DriftKind = 'distribution' | 'missing' | 'new-category';

/** One comparison of a column with the reference. */
export interface DriftScore {
  readonly column: string;
  readonly kind: DriftKind;
  readonly test: 'kolmogorov-smirnov' | 'chi-square' | 'fisher';
  /** Rows compared, of the reference and of the window. */
  readonly rows: { readonly reference: number; readonly current: number };
  readonly effect: number;
  /** Below it a difference is too small to matter, even if significant. */
  readonly effectMin: number;
  readonly pValue: number;
  /** For distributions: how much they differ, as in profiles and contracts. For display; the effect decides. */
  readonly stabilityIndex?: number;
  readonly verdict: 'stable' | 'drifted';
}

export interface DriftReport {
  readonly scores: readonly DriftScore[];
  /** Columns without a verdict, and why. */
  readonly unjudged: readonly { readonly column: string; readonly reason: string }[];
  readonly isDrifted: boolean;
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
 * matter.
 */
export function evaluateDrift(
  { reference, current }: { readonly reference: Sample; readonly current: Sample },
  options: Partial<DriftOptions> = {},
): DriftReport {
  const chosen = { ...OPTIONS, ...options };
  const compared = Object.entries(reference).map(([column, before]) =>
    compare({ column, before, now: Object.hasOwn(current, column) ? current[column] : undefined }, chosen),
  );
  const drafts = compared.flatMap(({ scores }) => scores);
  const isSure = benjaminiHochberg(
    drafts.map(({ pValue }) => pValue),
    chosen.falseAlarmRate,
  );
  const scores = drafts.map((draft, index): DriftScore => {
    const effectMin = chosen.effectMin[draft.kind];
    return { ...draft, effectMin, verdict: isSure[index] && draft.effect >= effectMin ? 'drifted' : 'stable' };
  });
  return {
    scores,
    unjudged: compared.flatMap(({ unjudged }) => unjudged),
    isDrifted: scores.some(({ verdict }) => verdict === 'drifted'),
  };
}

type Draft = Omit<DriftScore, 'verdict' | 'effectMin'>;
interface Compared {
  readonly scores: readonly Draft[];
  readonly unjudged: DriftReport['unjudged'];
}
interface Pair<Before = ColumnSample> {
  readonly column: string;
  readonly before: Before;
  readonly now: ColumnSample | undefined;
}

function compare({ column, before, now }: Pair, options: DriftOptions): Compared {
  const unjudged = (reason: string): Compared => ({ scores: [], unjudged: [{ column, reason }] });
  if (now === undefined) return unjudged('the window has no such column');
  if (now.kind !== before.kind) return unjudged(`the reference has a ${before.kind}, the window a ${now.kind}`);
  if (now.rows < options.rowsMin || before.rows < options.rowsMin) {
    return unjudged(`${before.rows} rows against ${now.rows}; a verdict needs ${options.rowsMin} of each`);
  }
  const missing = fisherExact({ count: before.missing, of: before.rows }, { count: now.missing, of: now.rows });
  const present = { reference: before.rows - before.missing, current: now.rows - now.missing };
  const scores: Draft[] = [
    { column, kind: 'missing', test: 'fisher', rows: { reference: before.rows, current: now.rows }, ...missing },
  ];
  if (Math.min(present.reference, present.current) < options.rowsMin) {
    const reason = `${present.reference} values against ${present.current}; a verdict on them needs ${options.rowsMin} of each`;
    return { scores, unjudged: [{ column, reason }] };
  }
  return { scores: [...scores, ...compareValues({ column, before, now, present })], unjudged: [] };
}

interface Values {
  readonly column: string;
  readonly before: ColumnSample;
  readonly now: ColumnSample;
  readonly present: DriftScore['rows'];
}

function compareValues({ column, before, now, present }: Values): readonly Draft[] {
  if (before.kind === 'number' && now.kind === 'number') {
    const sides = { reference: before.sorted, current: now.sorted };
    const result = kolmogorovSmirnov(sides.reference, sides.current);
    const { stabilityIndex } = differenceOfNumbers(sides);
    return [{ column, kind: 'distribution', test: 'kolmogorov-smirnov', rows: present, ...result, stabilityIndex }];
  }
  if (before.kind !== 'category' || now.kind !== 'category') return [];
  const names = [...new Set([...before.counts.keys(), ...now.counts.keys()])];
  const shares = maybeChiSquare(
    names.map((name) => ({ reference: before.counts.get(name) ?? 0, current: now.counts.get(name) ?? 0 })),
  );
  const once = [...before.counts.values()].filter((count) => count === 1).length;
  const fresh = [...now.counts].reduce((sum, [name, count]) => (before.counts.has(name) ? sum : sum + count), 0);
  const unseen = moreUnseen({ count: once, of: present.reference }, { count: fresh, of: present.current });
  return [
    ...(shares === undefined
      ? []
      : [{ column, kind: 'distribution', test: 'chi-square', rows: present, ...shares } as const]),
    { column, kind: 'new-category', test: 'fisher', rows: present, ...unseen },
  ];
}
