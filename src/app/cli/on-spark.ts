import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { interruptLeftRunning, noteRunning } from '#contracts';
import { openSparkEngine, type SparkEngine, type SparkSettings } from '#store';
import { UsageError } from '../project/errors.ts';
import { loadConfig } from '../project/load-config.ts';
import type { Surroundings } from './context.ts';

/** A session at the cluster, and what notes its work in a folder of unfinished files. */
export interface OnSpark {
  readonly engine: SparkEngine;
  readonly onWork: (work: string) => Promise<void>;
}

interface SparkOptions {
  /** Where unfinished work is; what ended processes left running for it is ended. */
  readonly folder: string;
  /** What the statements are called at the server, in front of a tag of their own. */
  readonly name: string;
  readonly around: Surroundings;
}

/** Works on the cluster of the settings. */
export async function withSpark<T>(
  { folder, name, around }: SparkOptions,
  work: (spark: OnSpark) => Promise<T>,
): Promise<T> {
  const settings = await sparkSettings(around);
  await interruptLeftRunning(folder, settings);
  const engine = await openSparkEngine(settings, { tag: `${name}-${randomUUID()}` });
  try {
    return await work({ engine, onWork: (place) => noteRunning(place, engine.work) });
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
