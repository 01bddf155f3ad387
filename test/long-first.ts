import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, longest first: begun last, one of them would keep one worker busy while the other has nothing left. */
const LONG: readonly string[] = [
  'e2e/package.test.ts',
  'e2e/engine-commands.test.ts',
  'e2e/pages.test.ts',
  'e2e/start.test.ts',
  'e2e/crash.test.ts',
  'engine/cases/completeness-and-atomicity-of-outputs.test.ts',
  'engine/cases/batching-and-exercise.test.ts',
  'store/postgres/embedded.test.ts',
  'app/cli/commands/check.test.ts',
  'store/duckdb/pool.test.ts',
  'engine/crash.test.ts',
  'e2e/loop.test.ts',
  'engine/sources/crash.test.ts',
  'app/notebook.test.ts',
  'monitor/drift/evaluate-drift.test.ts',
  'app/cli/commands/sources.test.ts',
  'engine/cases/dependencies-and-states.test.ts',
  'engine/schedule/backfill.test.ts',
  'store/artifacts/crash.test.ts',
];

/** Shares the files out so that two workers are busy to the end. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONG.findIndex((name) => moduleId.endsWith(`/test/${name}`));
      return at === -1 ? LONG.length : at;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
