import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { checkOnEngine, interruptLeftRunning, noteRunning } from '#contracts';
import { openSparkEngine, type SparkSettings } from '#store';
import { UsageError } from '../../../project/errors.ts';
import { loadConfig } from '../../../project/load-config.ts';
import type { Surroundings } from '../../context.ts';
import { printable } from '../../ending.ts';
import { type CheckCommand, type Checked, type Checking, check } from './run.ts';

/** Checks a file, or a folder of files, on a cluster; the exit code is that of the verdict. */
export const checkSet = (place: string, command: CheckCommand): Promise<number> => check(place, command, checkOnSpark);

async function checkOnSpark(
  { place, dataset, name, options }: Checking,
  { flags: { into }, around, show }: CheckCommand,
): Promise<Checked> {
  const spark = await sparkSettings(around);
  // The cluster has another working folder.
  const folder = path.resolve(options.folder);
  await interruptLeftRunning(folder, spark);
  const engine = await openSparkEngine(spark, { tag: `weir-check-${randomUUID()}` });
  try {
    const outcome = await show(`Checking ${printable(name)} on Spark`, (onProgress) =>
      checkOnEngine(engine, {
        ...{ ...options, name, folder, writesParts: into !== undefined, onProgress },
        files: dataset?.partitions ?? [{ name, path: path.resolve(place) }],
        onWork: (work) => noteRunning(work, engine.work),
      }),
    );
    const places = Object.keys(outcome.files).map((part) => [part, path.join(into ?? '', part)] as const);
    return { result: outcome.result, files: Object.fromEntries(places) };
  } finally {
    await engine.close();
  }
}

/** The cluster that the settings of the project, or variables, name. */
async function sparkSettings(around: Surroundings): Promise<SparkSettings> {
  const folder = around.projectFolder();
  const { url, token, caFile } = (await loadConfig(folder, around.environment)).engines.spark;
  if (url !== '') return { url, token, caFile: caFile === '' ? '' : path.resolve(folder, caFile) };
  throw new UsageError(
    'config_invalid',
    'Expected a cluster for --engine spark. Set engines.spark.url to sc://<host>:<port> in config/base.yaml, or WEIR_ENGINES__SPARK__URL.',
  );
}
