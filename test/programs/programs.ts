import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * What tests start in processes of their own, by its place in the test folder. Each is bundled once before the tests: a plain
 * file starts in a tenth of the time that a loader of its sources takes, and tests start hundreds of them.
 */
export const PROGRAMS = [
  'engine/fixtures/batch-engine.ts',
  'engine/fixtures/case-child.ts',
  'engine/fixtures/child.ts',
  'engine/fixtures/circle-engine.ts',
  'engine/fixtures/crashing-collection.ts',
  'engine/fixtures/crashing-engine.ts',
  'engine/fixtures/killed-engine.ts',
  'engine/fixtures/killed-source.ts',
  'engine/fixtures/leased-engine.ts',
  'engine/fixtures/lock-holder.ts',
  'engine/fixtures/parent.ts',
  'engine/fixtures/place-crowded.ts',
  'engine/fixtures/pool-holder.ts',
  'engine/fixtures/print-goal-ids.ts',
  'engine/fixtures/sink-child.ts',
  'engine/fixtures/sleeping-engine.ts',
  'engine/fixtures/staging-engine.ts',
  'engine/schedule/following-engine.ts',
  'monitor/alerts/deliver-child.ts',
  'server/serve-parcels.ts',
] as const;

export type Program = (typeof PROGRAMS)[number];

/** Names the folder of the bundles to workers and to what they start. */
export const FOLDER_VARIABLE = 'TEST_PROGRAMS';

/** The file of a program, as it was bundled. */
export function programFile(program: Program): string {
  const folder = process.env[FOLDER_VARIABLE];
  if (folder === undefined) throw new Error(`Expected ${FOLDER_VARIABLE} to name the folder of the bundled programs.`);
  return path.join(folder, program.replace(/\.ts$/, '.mjs'));
}

/** The same as a URL, as executors take it. */
export const programUrl = (program: Program): URL => pathToFileURL(programFile(program));

/** Starts a program in a process of its own. */
export function forkProgram(program: Program, args: readonly string[], options: ForkOptions = {}): ChildProcess {
  return fork(programFile(program), args, { execArgv: [], ...options });
}
