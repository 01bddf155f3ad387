import { openWords } from '../tally/open-words.ts';
import type { SampleWay, TallyWords, WordTally } from '../tally/word-tally.ts';

/** What is told of the words of a key. */
export interface WordPlan {
  readonly way: SampleWay;
  /** Whether all words are needed, however few differ. */
  readonly isKept: boolean;
}

/** Counts the words of each key of a block. */
export class KeyWords {
  readonly #plans: readonly WordPlan[];
  readonly #tally: TallyWords = openWords();
  /** Keys that had too many different words in a block, where counting the next ones is in vain. */
  readonly #many = new Set<number>();

  constructor(plans: readonly WordPlan[]) {
    this.#plans = plans;
  }

  /** Undefined for a key of which nothing is asked. */
  maybeTally(key: number, words: BigInt64Array): WordTally | undefined {
    const plan = this.#plans[key];
    if (plan === undefined) return undefined;
    const tally = this.#tally(words, { way: plan.way, isMany: this.#many.has(key) });
    if (tally.different === undefined) this.#many.add(key);
    return tally;
  }

  /** Whether the tally tells all that is needed. */
  isEnough(key: number, { different }: WordTally): boolean {
    return different !== undefined && this.#plans[key]?.isKept === false;
  }
}
