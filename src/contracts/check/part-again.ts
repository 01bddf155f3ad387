import { fieldsOf } from '../scan/fields.ts';
import { LineMarkReader } from '../scan/line-marks.ts';
import { RecordRuns } from '../scan/record-runs.ts';
import type { LateBits } from '../sweep/late-bits.ts';
import { RowFiles } from '../sweep/row-files.ts';
import { RowLines } from '../sweep/row-lines.ts';
import type { RowRange } from '../sweep/row-sink.ts';
import { type Sample, Samples } from '../sweep/samples.ts';
import type { RowBit } from '../sweep/sweep-plan.ts';

export interface PartAgainOptions {
  /** What the pass parted. */
  readonly parted: RowFiles;
  readonly names: readonly string[];
  readonly delimiter: string;
  /** Where its rows go now. */
  readonly folder: string;
  /** All that rows violate, and what it means. */
  readonly violations: LateBits;
  readonly bits: readonly RowBit[];
  /** What the bits of the pass meant, which come first. */
  readonly passBits: readonly RowBit[];
  readonly signal?: AbortSignal | undefined;
  /** Called with the share of the rows that is parted. */
  readonly onProgress: (share: number) => void;
}

/** Rows whose violations are asked for at once. */
const ROWS_AT_ONCE = 1 << 16;

/**
 * Parts rows that were parted already, once more is known about some of them: bad ones stay bad, and get all their reasons
 * in order. It reads no more than what the first parting wrote, which takes a quarter of the time of another pass.
 */
export async function partAgain(
  options: PartAgainOptions,
): Promise<{ readonly files: RowFiles; readonly samples: ReadonlyMap<number, readonly Sample[]> }> {
  const { parted, signal, onProgress } = options;
  const parting = await Parting.begin(options);
  const rows = parted.good + parted.bad;
  try {
    for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
      signal?.throwIfAborted();
      const end = Math.min(rows, from + ROWS_AT_ONCE);
      await parting.passTo(end, inRows(await options.violations.before(end)));
      onProgress(end / rows);
    }
    await parting.files.close();
  } catch (error) {
    await parting.files.abandon();
    throw error;
  } finally {
    await parting.close();
  }
  return { files: parting.files, samples: parting.samples.byBit };
}

/** The bits of each row that has some, in the order of rows. */
function inRows(pairs: readonly number[]): readonly (readonly [row: number, bits: readonly number[]])[] {
  const byRow = new Map<number, number[]>();
  for (let at = 0; at < pairs.length; at += 2) {
    // Two numbers for each pair.
    const [row, bit] = [pairs[at] as number, pairs[at + 1] as number];
    const bits = byRow.get(row);
    if (bits === undefined) byRow.set(row, [bit]);
    else bits.push(bit);
  }
  return [...byRow].sort(([a], [b]) => a - b);
}

interface Inputs {
  readonly good: RecordRuns;
  readonly bad: RecordRuns;
  readonly lines: LineMarkReader | undefined;
}

class Parting {
  readonly #options: PartAgainOptions;
  readonly #inputs: Inputs;
  readonly files: RowFiles;
  readonly samples = new Samples();
  #row = 0;
  #good = 0;

  private constructor(options: PartAgainOptions, inputs: Inputs) {
    const { folder, names, delimiter, bits, parted } = options;
    this.#options = options;
    this.#inputs = inputs;
    this.files = new RowFiles({
      ...{ folder, names, delimiter, bits, everyRow: [], keepsBadValues: false, keepsLines: parted.keepsLines },
    });
  }

  static async begin(options: PartAgainOptions): Promise<Parting> {
    const { paths, good } = options.parted;
    const lines = good > 0 ? await LineMarkReader.open(paths.lines) : undefined;
    return new Parting(options, { good: new RecordRuns(paths.good), bad: new RecordRuns(paths.bad), lines });
  }

  async close(): Promise<void> {
    const { good, bad, lines } = this.#inputs;
    await Promise.all([good.close(), bad.close(), lines?.close()]);
  }

  async passTo(end: number, violations: ReturnType<typeof inRows>): Promise<void> {
    for (const [row, bits] of violations) {
      await this.#passGood(row - this.#row);
      await this.#passOne(bits);
    }
    await this.#passGood(end - this.#row);
    await this.files.flush();
  }

  async #passGood(rows: number): Promise<void> {
    const { good, lines } = this.#inputs;
    for (let passed = 0; passed < rows; ) {
      const run = await good.take(rows - passed);
      const { line = 0, shifts } = (await lines?.linesOf(this.#good, run.records)) ?? {};
      const lineOf = new RowLines({ line, shifts }, 0);
      for (let row = 0; row < (shifts === undefined ? 1 : run.records); row++)
        this.files.noteLine(row, lineOf.lineOf(row));
      this.files.addGood(run, run.records);
      passed += run.records;
      this.#good += run.records;
      this.#row += run.records;
    }
  }

  /** A row that violates something. */
  async #passOne(bits: readonly number[]): Promise<void> {
    const { bits: meanings, passBits, delimiter } = this.#options;
    const wasBad = bits.some((bit) => passBits[bit]?.isFailing);
    const { line, ...row } = wasBad ? await this.#nextBad(bits) : await this.#nextGood();
    this.samples.note(bits, () => {
      return { row: this.#row, line, cells: fieldsOf(row.text.toString('utf8', row.start, row.end - 1), delimiter) };
    });
    if (wasBad || bits.some((bit) => meanings[bit]?.isFailing)) this.files.addBad(row, { line, bits, shown: row });
    else {
      this.files.noteLine(0, line);
      this.files.addGood(row, 1);
    }
    this.#row++;
  }

  async #nextGood(): Promise<RowRange & { readonly line: number }> {
    const { good, lines } = this.#inputs;
    const row = await good.take(1);
    const line = (await lines?.lineOf(this.#good)) ?? 0;
    this.#good++;
    return { text: row.text, start: row.start, end: row.end, line };
  }

  /** The row as it was before its line was put before it, and its reasons behind it. */
  async #nextBad(bits: readonly number[]): Promise<RowRange & { readonly line: number }> {
    const { passBits, parted, delimiter } = this.#options;
    const { text, start, end } = await this.#inputs.bad.take(1);
    const cells = text.indexOf(delimiter, start) + delimiter.length;
    const behind = parted.endOf(bits.filter((bit) => bit < passBits.length));
    const line = Number(text.toString('latin1', start, cells - delimiter.length));
    // A range has the line feed of its row.
    return { text, start: cells, end: end - behind.length + 1, line };
  }
}
