import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type DrawnColumn, type DriftCase, windowsOf } from './drift-cases.ts';

/** A case that all contestants judge. */
export interface TimedCase extends DriftCase {
  readonly file: string;
  /** Probabilities of the first column are compared. */
  readonly isCompared: boolean;
  /** How often the first window is judged for the clock; 0 for never. */
  readonly repetitions: number;
}

/** What a contestant found of one case. */
export interface PeerAnswer {
  /** Windows in which it called any column drifted; null where it gives no verdict. */
  readonly alarms: number | null;
  /** By window, for each test that others have too. */
  readonly pValues?: Readonly<Partial<Record<'ks' | 'chi2' | 'fisher', readonly number[]>>>;
  readonly seconds?: readonly number[];
  readonly processorSeconds?: readonly number[];
}

/** Writes windows one after the other: by column the reference's rows, then the window's, as 64-bit numbers. */
export function writeWindows(folder: string, each: TimedCase, seed: number): void {
  const rowsOfWindow = each.columns.length * (each.m + each.n);
  const all = new Float64Array(each.windows * rowsOfWindow);
  let at = 0;
  for (const drawn of windowsOf(each, seed)) {
    for (const { reference, current } of drawn) {
      all.set(reference, at);
      all.set(current, at + each.m);
      at += each.m + each.n;
    }
  }
  writeFileSync(path.join(folder, each.file), new Uint8Array(all.buffer));
}

export function* readWindows(folder: string, each: TimedCase): Generator<readonly DrawnColumn[]> {
  const bytes = readFileSync(path.join(folder, each.file));
  const all = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  let at = 0;
  for (let window = 0; window < each.windows; window += 1) {
    yield each.columns.map(() => {
      const reference = all.slice(at, at + each.m);
      const current = all.slice(at + each.m, at + each.m + each.n);
      at += each.m + each.n;
      return { reference, current };
    });
  }
}
