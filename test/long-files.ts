import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { seededRandom } from './kills/seeded-random.ts';

/** Files that take some eight seconds or more, about longest first: what starts, kills and walks through whole programs. */
const LONG: readonly string[] = [
  'server/schemathesis.test.ts',
  'e2e/pages.test.ts',
  'app/serve/folders-in-buckets.test.ts',
  'deploy/image.test.ts',
  'e2e/engine-commands.test.ts',
  'e2e/start.test.ts',
  'e2e/stop.test.ts',
  'e2e/outages.test.ts',
  'e2e/package.test.ts',
  'e2e/loop.test.ts',
  'store/artifacts/s3.test.ts',
  'pipelines/places/buckets.test.ts',
  'store/postgres/embedded.test.ts',
  'contracts/kernel/kernels.test.ts',
  'app/serve/artifacts-in-a-bucket.test.ts',
  'engine/remote/temporal.test.ts',
  'engine/remote/late-deliveries.test.ts',
  'engine/remote/workers.test.ts',
  'pipelines/ingest/ingest.test.ts',
  'e2e/formats.test.ts',
  'engine/executors.test.ts',
  'e2e/second-project.test.ts',
  'e2e/leadership.test.ts',
  'e2e/crash.test.ts',
  'app/cli/commands/init/init.test.ts',
  'engine/cases/completeness-and-atomicity-of-outputs.test.ts',
  'engine/crash.test.ts',
  'engine/cases/batching-and-exercise.test.ts',
  'contracts/partitions/crash.test.ts',
  'store/engines/spark-engine.test.ts',
  'contracts/rules/spark.property.test.ts',
  'app/cli/on-record.test.ts',
  'e2e/secrets.test.ts',
  'e2e/logs.test.ts',
  'e2e/traces.test.ts',
  'e2e/docs-page.test.ts',
  'app/cli/commands/datasets.test.ts',
  'deploy/deploy.test.ts',
  'app/cli/other-postgres.test.ts',
  'engine/cases/dependencies-and-states.test.ts',
  'engine/sources/crash.test.ts',
  'store/duckdb/pool.test.ts',
  'app/cli/commands/check.test.ts',
  'app/notebook.test.ts',
  'monitor/drift/evaluate-drift.test.ts',
  'app/serve/worker-start.test.ts',
  'app/cli/commands/sources.test.ts',
  'store/artifacts/crash.test.ts',
  'engine/model.test.ts',
  'pipelines/feed/learns.test.ts',
  'app/cli/commands/guide.test.ts',
  'engine/needs.test.ts',
  'house/engine-bench.test.ts',
  'contracts/check/crash.test.ts',
  'engine/schedule/backfill.test.ts',
  'app/serve/reload.test.ts',
  'app/cli/commands/grafana.test.ts',
  'pipelines/monitor/monitor.test.ts',
  'house/checks.test.ts',
  'contracts/wide-files.test.ts',
  'engine/cleanup/kills.test.ts',
  'engine/processes.test.ts',
  'engine/batching.property.test.ts',
  'app/cli/commands/explain.test.ts',
  'engine/resolve/one-answer.property.test.ts',
  'app/cli/commands/ingest.test.ts',
  'pipelines/train/train.test.ts',
  'ml/lightgbm/gradient-boosting.test.ts',
  'ml/lightgbm/parts.test.ts',
  'engine/memory.test.ts',
  'engine/cases/cache-truth-strict.test.ts',
  'engine/schedule/outages.test.ts',
  'engine/schedule/ticks.test.ts',
  'contracts/profile/consistency.property.test.ts',
  'contracts/too-large.test.ts',
  'contracts/cluster/profile-on-engine.property.test.ts',
  'contracts/cluster/check-on-engine.test.ts',
  'app/cli/commands/check-on-spark.test.ts',
  'engine/schedule/follow.test.ts',
  'engine/printing.test.ts',
  'contracts/readers.property.test.ts',
  'engine/cases/cache-truth.test.ts',
  'app/cli/commands/labels.test.ts',
  'server/crash.test.ts',
  'app/cli/commands/profile.test.ts',
  'pipelines/labels/labels.test.ts',
  'pipelines/train/sources.test.ts',
  'engine/cases/concurrency-of-engines.test.ts',
  'engine/versions/versions.test.ts',
  'server/shutdown.test.ts',
  'engine/remote/sent-with-start.test.ts',
  'app/cli/commands/worker.test.ts',
  'app/cli/commands/predict-folder.test.ts',
  'app/cli/commands/predict-on-workers.test.ts',
];

/** In every run: the main job from its start to its predictions, and the pages in a browser. */
const ALWAYS: readonly string[] = ['e2e/pages.test.ts', 'e2e/loop.test.ts'];
/** One in this many of the other long files is in a run of `npm test`, which must end within eight minutes. */
const ONE_IN = 6;

/** Globs of the files that a run takes: the long ones alone, or all. */
export function includedFiles(isLongOnly: boolean): string[] {
  return isLongOnly ? LONG.map(toGlob) : ['test/**/*.test.ts', 'test/**/*.test.tsx', 'examples/**/*.test.ts'];
}

/** Globs of the long files that the seed leaves out: most, but none of those of every run. */
export function leftOutFiles(seed: number): string[] {
  const random = seededRandom(seed);
  const first = Math.floor(random() * ONE_IN);
  // Evenly along the list, so that each choice takes as long as another.
  return LONG.filter((name) => !ALWAYS.includes(name))
    .filter((_, index) => index % ONE_IN !== first)
    .map(toGlob);
}

const toGlob = (name: string): string => `test/${name}`;

/** Begins with what takes longest: begun last, it would keep one worker busy while the other has nothing left. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONG.findIndex((name) => moduleId.endsWith(`/test/${name}`));
      return at === -1 ? LONG.length : at;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
