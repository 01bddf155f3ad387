import { createHash } from 'node:crypto';
import { MlError } from '../errors.ts';

export type Part = 'training' | 'test';

export interface Split {
  readonly seed: number;
  /** Share of the rows that go to the test part, between 0 and 1. */
  readonly testShare: number;
}

const HEX_DIGITS = 12;
const RANGE = 2 ** 48;

/**
 * Which part a row belongs to, from its id alone: later rows never move earlier ones.
 * The first 48 bits of SHA-256 of `seed:id`, as a fraction of 2^48, are compared with the test share; in DuckDB
 * `('0x' || sha256(seed || ':' || id)[:12])::BIGINT / 2^48 < test_share`.
 */
export function splitOf(id: string | number, { seed, testShare }: Split): Part {
  if (!(testShare >= 0 && testShare <= 1)) {
    throw new MlError('settings_invalid', `The test share must lie between 0 and 1, got ${testShare}.`);
  }
  const digest = createHash('sha256').update(`${seed}:${id}`).digest('hex');
  return Number.parseInt(digest.slice(0, HEX_DIGITS), 16) / RANGE < testShare ? 'test' : 'training';
}
