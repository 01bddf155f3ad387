/** How the sample of words is told by which different values are estimated (see `sampled.ts`). */
export type SampleWay =
  /** By a mark of the kernel, in texts. */
  | 'marked'
  /** Of doubles that are whole numbers. */
  | 'whole'
  /** Of days since 1970. */
  | 'day'
  /** Of words that are values as they are. */
  | 'value';

/** The words of a column in some records: each of those that differ, or the sampled ones where too many do. */
export interface WordTally {
  /** How many records have a word. */
  readonly filled: number;
  /** The smallest and the largest word, as numbers with a sign; undefined where there is none. */
  readonly ends: { readonly min: bigint; readonly max: bigint } | undefined;
  readonly different: DifferentWords | undefined;
  /** Where there are too many: those of the sample, as often as they occur. */
  readonly sampled: BigInt64Array | undefined;
}

/** In the order in which they come first. */
export interface DifferentWords {
  readonly words: BigInt64Array;
  /** How often each occurs, and the number of the first record that has it. */
  readonly counts: Uint32Array;
  readonly firsts: Uint32Array;
}

/** More different words of some records are not told one by one. */
export const DIFFERENT_MAX = 4096;

export interface TallyOptions {
  readonly way: SampleWay;
  /** Whether it is known that too many differ. */
  readonly isMany: boolean;
}

/** Counts words; `NO_KEY` stands for none. */
export type TallyWords = (words: BigInt64Array, options: TallyOptions) => WordTally;
