import { type BinRows, binNumbers, comparedCount, type NumberRange, stabilityByBin } from '#contracts';
import { chiSquareTail, valueOfTail } from './probability.ts';
import type { ColumnSample } from './sample.ts';

/** Rows of the reference and of the window in one bin. The bins are those of the reference, whatever the window holds. */
export type DriftBin = BinRows & {
  /** What the bin adds to the stability index. */
  readonly stability: number;
} & (
    | ({ readonly kind: 'range' } & NumberRange)
    | { readonly kind: 'category'; readonly name: string; readonly isNew: boolean }
    /** So many rare categories together. */
    | { readonly kind: 'others'; readonly categories: number }
  );

/** How two columns differ bin by bin. */
export interface Stability {
  readonly stabilityIndex: number;
  /** Chance alone exceeds it in `falseAlarmRate` of the windows; it holds where bins have some five rows. */
  readonly stabilityThreshold: number;
  readonly bins: readonly DriftBin[];
}

/** More categories are not read on a page; the rarest are counted together. */
const CATEGORIES_SHOWN_MAX = 30;

/** Population stability index by bin; undefined for columns of different kinds. */
export function maybeStability(
  { before, now }: { readonly before: ColumnSample; readonly now: ColumnSample },
  falseAlarmRate: number,
): Stability | undefined {
  if (before.kind === 'number' && now.kind === 'number') {
    const ranges = binNumbers({ reference: before.sorted, current: now.sorted });
    const parts = stabilityByBin(ranges);
    const bins = ranges.map((range, at): DriftBin => ({ kind: 'range', ...range, stability: parts[at] ?? 0 }));
    return withThreshold(bins, ranges, falseAlarmRate);
  }
  if (before.kind !== 'category' || now.kind !== 'category') return undefined;
  const names = [...new Set([...before.counts.keys(), ...now.counts.keys()])];
  const rows = names.map((name) => ({
    reference: before.counts.get(name) ?? 0,
    current: now.counts.get(name) ?? 0,
  }));
  const parts = stabilityByBin(rows);
  const bins = names.map((name, at) => {
    const { reference = 0, current = 0 } = rows[at] ?? {};
    return { kind: 'category', name, isNew: reference === 0, reference, current, stability: parts[at] ?? 0 } as const;
  });
  return withThreshold(mostFrequent(bins), rows, falseAlarmRate);
}

/** For samples without drift the index is about a chi-square variable, scaled by the rows (Yurdakul, 2018). */
function withThreshold(bins: readonly DriftBin[], rows: readonly BinRows[], falseAlarmRate: number): Stability {
  const [m, n] = [total(rows, 'reference'), total(rows, 'current')];
  const degrees = comparedCount(rows) - 1;
  const usual = degrees < 1 ? 0 : valueOfTail((value) => chiSquareTail(value, degrees), falseAlarmRate);
  return {
    stabilityIndex: total(bins, 'stability'),
    stabilityThreshold: usual * (1 / m + 1 / n),
    bins,
  };
}

function mostFrequent(bins: readonly Extract<DriftBin, { kind: 'category' }>[]): readonly DriftBin[] {
  const [m, n] = [total(bins, 'reference'), total(bins, 'current')];
  const shares = ({ reference, current }: BinRows): number => reference / m + current / n;
  const ordered = [...bins].sort((one, other) => shares(other) - shares(one) || (one.name < other.name ? -1 : 1));
  const rare = ordered.splice(CATEGORIES_SHOWN_MAX);
  if (rare.length === 0) return ordered;
  const others: DriftBin = {
    kind: 'others',
    categories: rare.length,
    reference: total(rare, 'reference'),
    current: total(rare, 'current'),
    stability: total(rare, 'stability'),
  };
  return [...ordered, others];
}

function total<Name extends string>(bins: readonly Readonly<Record<Name, number>>[], name: Name): number {
  return bins.reduce((sum, bin) => sum + bin[name], 0);
}
