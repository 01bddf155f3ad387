import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * What tests start in processes of their own. Each is bundled once before the tests: a plain
 * file starts in a tenth of the time that a loader of its sources takes, and tests start hundreds of them.
 */
export const PROGRAMS = {
  'die-at-rename': new URL('../contracts/check/die-at-rename.ts', import.meta.url),
  'batch-engine': new URL('../engine/fixtures/batch-engine.ts', import.meta.url),
  'case-child': new URL('../engine/fixtures/case-child.ts', import.meta.url),
  child: new URL('../engine/fixtures/child.ts', import.meta.url),
  'cycle-engine': new URL('../engine/fixtures/cycle-engine.ts', import.meta.url),
  'crashing-collection': new URL('../engine/fixtures/crashing-collection.ts', import.meta.url),
  'crashing-scheduler': new URL('../engine/fixtures/crashing-scheduler.ts', import.meta.url),
  'crashing-engine': new URL('../engine/fixtures/crashing-engine.ts', import.meta.url),
  'killed-engine': new URL('../engine/fixtures/killed-engine.ts', import.meta.url),
  'killed-source': new URL('../engine/fixtures/killed-source.ts', import.meta.url),
  'leased-engine': new URL('../engine/fixtures/leased-engine.ts', import.meta.url),
  'lock-holder': new URL('../engine/fixtures/lock-holder.ts', import.meta.url),
  'nosy-child': new URL('../engine/fixtures/nosy-child.ts', import.meta.url),
  parent: new URL('../engine/fixtures/parent.ts', import.meta.url),
  'place-crowded': new URL('../engine/fixtures/place-crowded.ts', import.meta.url),
  'pool-holder': new URL('../engine/fixtures/pool-holder.ts', import.meta.url),
  'print-goal-ids': new URL('../engine/fixtures/print-goal-ids.ts', import.meta.url),
  'sink-child': new URL('../engine/fixtures/sink-child.ts', import.meta.url),
  'sleeping-engine': new URL('../engine/fixtures/sleeping-engine.ts', import.meta.url),
  'staging-engine': new URL('../engine/fixtures/staging-engine.ts', import.meta.url),
  worker: new URL('../engine/fixtures/worker.ts', import.meta.url),
  'following-engine': new URL('../engine/schedule/following-engine.ts', import.meta.url),
  'stream-rows': new URL('../api/stream-rows.ts', import.meta.url),
  'deliver-child': new URL('../monitor/alerts/deliver-child.ts', import.meta.url),
  elected: new URL('../store/postgres/elected.ts', import.meta.url),
  'embedded-owner': new URL('../store/postgres/embedded-owner.ts', import.meta.url),
  'ingest-from-buckets': new URL('../pipelines/places/ingest-from-buckets.ts', import.meta.url),
  'killed-job': new URL('../app/serve/killed-job.ts', import.meta.url),
  'serve-parcels': new URL('../server/serve-parcels.ts', import.meta.url),
} as const;

export type Program = keyof typeof PROGRAMS;

/** Names the folder of the bundles to workers and to what they start. */
export const FOLDER_VARIABLE = 'TEST_PROGRAMS';

/** The file of a program, as it was bundled. */
export function programFile(program: Program): string {
  const folder = process.env[FOLDER_VARIABLE];
  if (folder === undefined) throw new Error(`Expected ${FOLDER_VARIABLE} to name the folder of the bundled programs.`);
  return path.join(folder, `${program}.mjs`);
}

/** The same as a URL, as executors take it. */
export const programUrl = (program: Program): URL => pathToFileURL(programFile(program));

/** Starts a program in a process of its own. */
export function forkProgram(program: Program, args: readonly string[], options: ForkOptions = {}): ChildProcess {
  return fork(programFile(program), args, { execArgv: [], ...options });
}
