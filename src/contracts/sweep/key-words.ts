import { openWords } from '../tally/open-words.ts';
import type { SampleWay, TallyWords, WordTally } from '../tally/word-tally.ts';
import type { KeyList } from './growing.ts';

/** What is counted of the words of a key. */
export interface WordPlan {
  readonly way: SampleWay;
  /** Whether all words are needed, however few differ. */
  readonly isKept: boolean;
}

/** Of fewer records, as a block of a file with thousands of columns has, asking takes longer than counting. */
const RECORDS_MIN = 512;

/** Counts the words of each key of a block. */
export class KeyWords {
  readonly #plans: readonly WordPlan[];
  readonly #tally: TallyWords = openWords();
  /** Keys that had too many different words in a block, where counting the next ones is in vain. */
  readonly #many = new Set<number>();

  constructor(plans: readonly WordPlan[]) {
    this.#plans = plans;
  }

  /** By key; undefined of few records. Empties the lists of keys whose words tell all that is needed. */
  talliesOf(lists: readonly KeyList[]): readonly (WordTally | undefined)[] {
    return lists.map((list, key) => {
      const plan = this.#plans[key];
      const { words } = list;
      if (plan === undefined || words.length < RECORDS_MIN) return undefined;
      const tally = this.#tally(words, { way: plan.way, isMany: this.#many.has(key) });
      if (tally.different === undefined) this.#many.add(key);
      else if (!plan.isKept) list.clear();
      return tally;
    });
  }
}
