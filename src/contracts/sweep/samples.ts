/** How many rows are named of each violation. */
export const SAMPLES_MAX = 5;

/** A row that violates something, for the report. */
export interface Sample {
  /** Its number among the rows of the file, from 0. */
  readonly row: number;
  readonly line: number;
  readonly cells: readonly string[];
}

/** The first rows that violate each bit. */
export class Samples {
  readonly #byBit = new Map<number, Sample[]>();

  get byBit(): ReadonlyMap<number, readonly Sample[]> {
    return this.#byBit;
  }

  /** Notes a row; it is only read where some of its violations have too few samples. */
  note(bits: readonly number[], read: () => Sample): void {
    let sample: Sample | undefined;
    for (const bit of bits) {
      const samples = this.#byBit.get(bit);
      if (samples !== undefined && samples.length >= SAMPLES_MAX) continue;
      sample ??= read();
      if (samples === undefined) this.#byBit.set(bit, [sample]);
      else samples.push(sample);
    }
  }
}
