import { closeSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { fieldsOf } from '../scan/fields.ts';
import { recordAt } from '../scan/record-at.ts';
import { placesFile } from '../sweep/key-files.ts';
import { badValuesFile } from '../sweep/row-files.ts';

const PLACE_BYTES = 8;

/** Single rows of a part, where a pass left them. */
export class PartRows {
  readonly #folder: string;
  readonly #delimiter: string;
  readonly #files = new Map<string, number | undefined>();
  readonly #place = new Float64Array(1);

  constructor(folder: string, delimiter: string) {
    this.#folder = folder;
    this.#delimiter = delimiter;
  }

  /** The cells of a row, by its number in the part. */
  cellsAt(row: number): readonly string[] {
    const places = this.#open(placesFile(this.#folder));
    if (places === undefined) throw new Error(`Expected the places of rows in ${this.#folder}; there are none.`);
    readSync(places, this.#place, 0, PLACE_BYTES, row * PLACE_BYTES);
    const place = this.#place[0] as number;
    if (place % 2 === 0) return this.#cells(this.#open(path.join(this.#folder, 'good.csv')), place / 2);
    const values = this.#open(badValuesFile(this.#folder));
    if (values !== undefined) return this.#cells(values, (place - 1) / 2);
    // A bad row begins with its line.
    return this.#cells(this.#open(path.join(this.#folder, 'bad.csv')), (place - 1) / 2).slice(1);
  }

  #cells(file: number | undefined, at: number): readonly string[] {
    if (file === undefined) throw new Error(`Expected the rows of ${this.#folder}; they are not there.`);
    const record = recordAt((length) => {
      const bytes = Buffer.allocUnsafe(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, at));
    });
    return fieldsOf(record, this.#delimiter);
  }

  #open(file: string): number | undefined {
    if (!this.#files.has(file)) this.#files.set(file, maybeOpen(file));
    return this.#files.get(file);
  }

  close(): void {
    for (const file of this.#files.values()) if (file !== undefined) closeSync(file);
    this.#files.clear();
  }
}

function maybeOpen(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch {
    // What a pass did not need is not there.
    return undefined;
  }
}
