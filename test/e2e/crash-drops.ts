import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What becomes of a dropped row, known before it is dropped. */
export type Fate = 'good' | 'bad' | 'rejected';

export interface Dropped {
  /** Every row by its id. */
  readonly rows: Map<string, Fate>;
  /** Files by name, and whether they hold a row that is not good. */
  readonly files: Map<string, boolean>;
}

const ROWS_MAX = 40;
const NAMES = ['plots', "plot's", 'a "quoted" name', 'line\nbreak', 'up..%2f', 'ä ö 漢字', 'x'.repeat(240)];

/**
 * Drops files of harvest's contract, as a careful producer does: written under a hidden name, then renamed. Each row has an
 * id and an amount of rain that no other row has.
 */
export class Dropper {
  readonly dropped: Dropped = { rows: new Map(), files: new Map() };
  readonly #folder: string;
  readonly #random: () => number;

  constructor(folder: string, random: () => number) {
    this.#folder = folder;
    this.#random = random;
  }

  async drop(): Promise<void> {
    const number = this.dropped.files.size + 1;
    const name = `${NAMES[number % NAMES.length]}-${number}.csv`;
    const fates = this.#fates(number);
    const lines = fates.map((fate) => this.#row(fate));
    const hidden = path.join(this.#folder, `.${number}.part`);
    await writeFile(hidden, `${['plot code,order,rain,irrigated', ...lines].join('\n')}\n`);
    await rename(hidden, path.join(this.#folder, name));
    this.dropped.files.set(
      name,
      fates.some((fate) => fate !== 'good'),
    );
  }

  /** Of four files one is wholly good, one wholly bad, two are mixed. */
  #fates(number: number): readonly Fate[] {
    const count = 1 + Math.floor(this.#random() * ROWS_MAX);
    return Array.from({ length: count }, () => {
      if (number % 4 === 0) return 'good';
      if (number % 4 === 1) return 'bad';
      const chance = this.#random();
      return chance < 0.7 ? 'good' : chance < 0.9 ? 'bad' : 'rejected';
    });
  }

  #row(fate: Fate): string {
    const number = this.dropped.rows.size + 1;
    const id = `QA-${number}`;
    this.dropped.rows.set(id, fate);
    const rain = rainOf(id);
    if (fate === 'good') return `${id},clay,${rain},true`;
    if (fate === 'rejected') return `${id},clay,${rain}`;
    return number % 2 === 0 ? `${id},mud,${rain},true` : `${id},clay,wet,true`;
  }
}

/** The rain of a row, unique to it. */
export function rainOf(id: string): number {
  return Number(id.slice('QA-'.length)) / 100;
}
