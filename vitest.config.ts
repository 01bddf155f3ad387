import { configDefaults, defineConfig } from 'vitest/config';
import { includedFiles, LongFirst, leftOutFiles } from './test/long-files.ts';

/**
 * Ends a test that would never end. No test decides by the clock: a busy machine may take many times as long, and so does
 * a run that kills at every fault point.
 */
const PATIENCE_MS = process.env.TEST_KILLS === 'all' ? 7_200_000 : 900_000;

/** `long` takes the long files alone, `chosen` leaves some of them out by the seed; `scripts/test.mjs` says which. */
const files = process.env.TEST_FILES;

export default defineConfig({
  // Doors lead to source here; both lines are needed.
  resolve: { conditions: ['weir-source'] },
  ssr: { resolve: { conditions: ['weir-source'] } },
  test: {
    include: includedFiles(files === 'long'),
    exclude: [...configDefaults.exclude, ...(files === 'chosen' ? leftOutFiles(Number(process.env.TEST_SEED)) : [])],
    globalSetup: ['test/programs/global-setup.ts', 'test/kills/global-setup.ts', 'test/postgres/global-setup.ts'],
    setupFiles: ['test/properties/seed-properties.ts'],
    testTimeout: PATIENCE_MS,
    hookTimeout: PATIENCE_MS,
    expect: { poll: { timeout: PATIENCE_MS, interval: 20 } },
    maxWorkers: 2,
    // Files share what they import, which loads once for each worker: no file changes what another sees.
    isolate: false,
    // What was built is loaded as it is.
    server: { deps: { external: [/\/dist\//] } },
    sequence: { sequencer: LongFirst },
  },
});
