import { randomInt } from 'node:crypto';
import type { TestProject } from 'vitest/node';

const SEED_MAX = 2 ** 31;

declare module 'vitest' {
  interface ProvidedContext {
    readonly kills: { readonly seed: number; readonly isEverywhere: boolean };
  }
}

/** Draws the seed of the run, or takes the one of a run that is to be repeated, and prints how to repeat this one. */
export function setup(project: TestProject): void {
  const isEverywhere = process.env.TEST_KILLS === 'all';
  const seed = Number(process.env.TEST_SEED ?? randomInt(SEED_MAX));
  if (!Number.isSafeInteger(seed))
    throw new Error(`Expected TEST_SEED to be a whole number; got ${process.env.TEST_SEED}.`);
  const where = isEverywhere ? 'at every fault point' : 'at some fault points; TEST_KILLS=all kills at every one';
  if (process.env.TEST_FILES === 'chosen')
    process.stdout.write('Of the long test files one in six runs; npm run test:long runs all of them.\n');
  process.stdout.write(`Tests kill ${where}. Repeat this choice with TEST_SEED=${seed}.\n`);
  project.provide('kills', { seed, isEverywhere });
}
