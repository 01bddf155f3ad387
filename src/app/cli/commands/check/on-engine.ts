import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkOnEngine, interruptLeftRunning, maybeFindPartitions, noteRunning } from '#contracts';
import { openDuckdbPool, openSparkEngine, type SparkSettings } from '#store';
import { UsageError } from '../../../project/errors.ts';
import { loadConfig } from '../../../project/load-config.ts';
import type { Surroundings } from '../../context.ts';
import { printable } from '../../ending.ts';
import { VERDICT_CODES } from '../../exit-codes.ts';
import { assertTextFlags, chooseContract } from '../../file-flags.ts';
import { assertPlaces, type CheckCommand, referencesOf, toJson, toText, writePages } from './run.ts';

/** Checks a file, or a folder of files, on a cluster; the exit code is that of the verdict. */
export async function checkSet(place: string, command: CheckCommand): Promise<number> {
  const { flags, around, signal, print, show } = command;
  const dataset = await maybeFindPartitions(place);
  const files = dataset?.partitions ?? [{ name: path.basename(place), path: path.resolve(place) }];
  await assertTextFlags(
    files.map((file) => file.path),
    flags,
  );
  const { contract, duckdb: limits } = await chooseContract(flags, around);
  const spark = await sparkSettings(around);
  const { into, encoding, delimiter } = flags;
  const references = referencesOf(flags.reference ?? [], contract);
  await assertPlaces(place, { flags, dataset, references });
  const scratch = await mkdtemp(path.join(tmpdir(), 'weir-check-'));
  const folder = path.resolve(into ?? scratch);
  const duckdb = openDuckdbPool({ ...limits, temporaryFolder: scratch, size: 1 });
  const name = dataset?.name ?? path.basename(place);
  try {
    await interruptLeftRunning(folder, spark);
    const engine = await openSparkEngine(spark, { tag: `weir-check-${randomUUID()}` });
    try {
      const onWork = (work: string): Promise<void> => noteRunning(work, engine.work);
      const options = { files, name, contract, references, folder, duckdb, signal, onWork };
      const outcome = await show(`Checking ${printable(name)} on Spark`, (onProgress) =>
        checkOnEngine(engine, {
          ...{ ...options, writesParts: into !== undefined, onProgress },
          ...(encoding === undefined ? {} : { encoding }),
          ...(delimiter === undefined ? {} : { delimiter }),
        }),
      );
      const places = Object.keys(outcome.files).map((part) => [part, path.join(into ?? '', part)] as const);
      const checked = { result: outcome.result, files: Object.fromEntries(places), ignored: dataset?.ignored ?? [] };
      await writePages(checked, flags);
      print(flags.json ? toJson(outcome.result) : toText(checked, flags));
      return VERDICT_CODES[outcome.result.verdict];
    } finally {
      await engine.close();
    }
  } finally {
    await duckdb.close();
    await rm(scratch, { recursive: true, force: true });
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
