/** One `npm run bench <name>`: each is a file of its own here, listed in `main.ts`. */
export interface Suite {
  readonly name: string;
  /** The measured sections of the page, as Markdown, each as soon as it is known. */
  run(options: BenchOptions): AsyncIterable<string>;
}

export interface BenchOptions {
  /** Scratch folder for data, virtual environment and outputs; kept and used again. */
  readonly folder: string;
  /** Rows of the large file. */
  readonly rows: number;
  /** Goals of the large graph; the other sizes of the engine's suite follow. */
  readonly goals: number;
  /** Windows drawn for each figure of drift. */
  readonly windows: number;
  /** Rounds of what is quick; the slow run once. */
  readonly rounds: number;
  /** 20 million rows, a million goals too. */
  readonly large: boolean;
  /** What follows the name of the suite; a suite that has parts does those that are named. */
  readonly words: readonly string[];
  /** Says what is being done, on stderr. */
  readonly say: (line: string) => void;
}
