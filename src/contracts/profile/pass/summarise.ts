import type { ReadBlocks } from '../../sweep/read-blocks.ts';
import type { NumberStore } from '../../tally/number-store.ts';
import type { CountedNumbers } from '../../tally/plain-numbers.ts';
import { columnProfile, type Listed, type ProfiledColumn } from '../column-profile.ts';
import { correlatedPairs } from '../compile-profile.ts';
import { strideOf } from '../limits.ts';
import { boundsOf, isHuge, numberSummary } from '../number-summary.ts';
import type { ColumnProfile, NumberSummary, Profile } from '../profile.ts';
import { isNumeric, isText } from '../value-kinds.ts';
import type { ColumnTally } from './column-tally.ts';
import { type CorrelatedNumbers, correlate } from './correlate.ts';
import { foundNumbers, hugeMoments, numbersOfCounted, quantilesOf, quantilesOfCounted } from './counted-numbers.ts';
import type { FileTally } from './file-tally.ts';
import { RowSamples } from './kept-numbers.ts';
import { listedValues } from './listed-values.ts';
import { isoOf, nameOfDay, toNumber } from './value-names.ts';

interface Summarised {
  readonly tally: FileTally;
  readonly found: ReadBlocks;
  /** By position, how many different values a column has, where they were counted beyond what is few. */
  readonly different: ReadonlyMap<number, number>;
}

/** The columns of a profile and their correlations, of what one pass collected. */
export function summarise(
  columns: readonly Pick<ProfiledColumn, 'name' | 'header'>[],
  { tally, found, different }: Summarised,
): Pick<Profile, 'columns' | 'correlations'> {
  const { store } = tally;
  const samples = new RowSamples(found.records);
  const summaries = tally.columns.map((column, position) => summaryOf(column, { position, found, samples, store }));
  const profiles = columns.map((named, position): ColumnProfile => {
    const { column, listed, numbers } = summaries[position] ?? absent();
    const { kind, counts } = column;
    const facts = {
      nulls: found.records - counts.filled,
      distinct: counts.distinct,
      ...(isText(kind) && counts.filled > 0 ? { lengths: lengthsOf(found, position) } : {}),
      ...momentsOf(column),
    };
    return columnProfile(
      { ...named, kind },
      { found: facts, rows: found.records, listed, counted: different.get(position), numbers },
    );
  });
  return { columns: profiles, correlations: correlationsOf(profiles, { summaries, store }) };
}

interface Summary {
  readonly column: ColumnTally;
  readonly listed: Listed | undefined;
  readonly numbers: NumberSummary | undefined;
}

interface SummaryOptions {
  readonly position: number;
  readonly found: ReadBlocks;
  readonly samples: RowSamples;
  readonly store: NumberStore;
}

function summaryOf(column: ColumnTally, options: SummaryOptions): Summary {
  const { kind, counts, texts } = column;
  const listed = counts.isFew
    ? listedValues({ kind, words: wordsOf(column), counts: counts.counts, texts })
    : undefined;
  const numbers = isNumeric(kind) && counts.filled > 0 ? numbersOf(column, { ...options, listed }) : undefined;
  return { column, listed, numbers };
}

function wordsOf({ counts: { words } }: ColumnTally): BigInt64Array {
  return new BigInt64Array(words.buffer, words.byteOffset, words.length / 2);
}

function numbersOf(
  column: ColumnTally,
  { position, found: { columns }, samples, store, listed }: SummaryOptions & { readonly listed: Listed | undefined },
): NumberSummary {
  const { counts } = column;
  const few = counts.isFew ? fewNumbers(column) : undefined;
  const added = few === undefined ? (column.numbers ?? absent()) : numbersOfCounted(few);
  const [min, max] = [columns.min[position] ?? 0, columns.max[position] ?? 0];
  const summands = columns.summands[position] ?? 0;
  const mean = summands === 0 ? {} : { mean: (columns.sum[position] ?? 0) / summands };
  const numbers = foundNumbers(added, { min, max, ...mean });
  const stride = strideOf(counts.filled);
  const sampled = stride === 1 ? column.numbers?.all(counts.filled) : column.numbers?.at(samples.of(stride));
  const quantiles =
    few !== undefined && stride === 1 ? quantilesOfCounted(few) : quantilesOf(store.sorted(sampled ?? NO_NUMBERS));
  const about = {
    ...{ numbers, quantiles, values: maybeValues(listed) },
    ...(isHuge(numbers) ? { huge: hugeMoments(added) } : {}),
  };
  const bounds = boundsOf(about);
  return numberSummary(about, bounds, added.countUpTo(Float64Array.from(bounds.uppers)));
}

const NO_NUMBERS = new Float64Array(0);

/** The different numbers of a column that has few, in ascending order. */
function fewNumbers(column: ColumnTally): Required<CountedNumbers> {
  const words = wordsOf(column);
  const numbers = Array.from(words, (word, index) => [toNumber(word), column.counts.counts[index] ?? 0] as const);
  numbers.sort(([a], [b]) => a - b);
  return {
    values: Float64Array.from(numbers, ([value]) => value),
    counts: Uint32Array.from(numbers, ([, rows]) => rows),
  };
}

/** All different numbers, when all are listed. */
function maybeValues(listed: Listed | undefined): readonly number[] | undefined {
  if (!listed?.top || listed.top.length < listed.distinct) return undefined;
  return listed.top.map(({ value }) => Number(value));
}

function lengthsOf({ columns }: ReadBlocks, position: number): NonNullable<ColumnProfile['lengths']> {
  return { min: columns.min[position] ?? 0, max: columns.max[position] ?? 0 };
}

function momentsOf({ kind, ends }: ColumnTally): Pick<ColumnProfile, 'moments'> {
  if (ends === undefined || (kind !== 'date' && kind !== 'timestamp')) return {};
  const iso = (word: bigint): string => (kind === 'date' ? nameOfDay(Number(word)) : isoOf(word));
  return { moments: { min: iso(ends.min), max: iso(ends.max) } };
}

function correlationsOf(
  profiles: readonly ColumnProfile[],
  { summaries, store }: { readonly summaries: readonly Summary[]; readonly store: NumberStore },
): Profile['correlations'] {
  const pairs = correlatedPairs(profiles);
  const numbers = summaries.map(({ column, numbers: own }): CorrelatedNumbers => {
    return { chunks: column.numbers?.chunks ?? [], mean: own?.mean ?? 0 };
  });
  const values = correlate(store, numbers, pairs);
  return strongestFirst(
    pairs.map(([a, b], at) => ({ a: profiles[a]?.name ?? '', b: profiles[b]?.name ?? '', value: values[at] })),
  );
}

/** Those that there are. */
export function strongestFirst(
  correlations: readonly { readonly a: string; readonly b: string; readonly value: number | undefined }[],
): Profile['correlations'] {
  return correlations
    .flatMap(({ a, b, value }) => (value === undefined ? [] : [{ a, b, value }]))
    .sort((one, other) => Math.abs(other.value) - Math.abs(one.value));
}

function absent(): never {
  throw new Error('A profile has no such column.');
}
