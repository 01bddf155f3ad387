import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { CheckResult, Contract } from '#contracts';
import { type AnyTask, defineTask, rows, value } from '#engine';
import { checkLabelFile, type GivenLabel, labelFileColumns, storeLabelFile } from '#ml';
import { type AlertRoute, alertOf, raiseFileAlert } from '#monitor';
import type { Database, DuckdbPool } from '#store';
import type { DataFolders } from '../folders.ts';
import { type Destinations, destinationsOf, placementsOf } from '../ingest/placement.ts';
import { defineReadFile } from '../ingest/tasks.ts';
import { type DataPlaces, placeIn } from '../places/data-places.ts';
import { localPlaces } from '../places/local-places.ts';

export interface LabelsOptions {
  /** The model whose rows the labels are of. */
  readonly model: string;
  /** The contract of the project, which says what ids and labels are. */
  readonly contract: Contract;
  readonly database: Database;
  readonly duckdb: DuckdbPool;
  readonly folders: DataFolders;
  /** What reads and writes their files; files of this machine unless set. */
  readonly places?: DataPlaces | undefined;
  /** The configured channels, and which alerts each gets. */
  readonly alertChannels: readonly AlertRoute[];
  /** Absolute address of a run's page, for use outside the web app. */
  readonly runUrl: (runId: string) => string;
}

/** The two tasks for a file of labels: read it, and store what is good in it. */
export function labelsTasks(options: LabelsOptions) {
  const readLabels = defineReadFile('read-labels', {
    ...{ folder: options.folders.labels, name: 'label-data', places: options.places },
  });
  const storeLabels = defineStoreLabels(options, readLabels);
  return { readLabels, storeLabels };
}

/** What became of the lines of a file. */
interface LabelSummary {
  readonly added: number;
  readonly corrected: number;
  readonly unchanged: number;
  /** Lines in bad-data, with their reasons. */
  readonly bad: number;
}

function defineStoreLabels(options: LabelsOptions, readLabels: ReturnType<typeof defineReadFile>) {
  const { model, contract, duckdb, folders, places: dataPlaces = localPlaces } = options;
  return defineTask({
    name: 'store-labels',
    version: '1',
    params: z.object({ arrival: z.string(), file: z.string() }),
    reads: { read: readLabels },
    outputs: {
      labels: rows({ table: 'weir.labels', remove: 'keep' }),
      alert: rows({ table: 'weir.alerts', remove: 'keep' }),
      summary: value<LabelSummary>(),
    },
    run: async ({ params, inputs, folder, file: place, rows: replaceRows, signal, log, runId }) => {
      const raw = await inputs.read.raw.path();
      const checked = await checkLabelFile({
        ...{ path: raw, name: params.file, contract, folder: path.join(folder, 'checked'), duckdb, signal },
      });
      const { result, files } = checked;
      let stored = { added: 0, corrected: 0, unchanged: 0, unknown: [] as readonly GivenLabel[] };
      const labels = await replaceRows('labels', async (tx) => {
        if (files.good === undefined) return 0;
        const storing = { file: checked, good: files.good, model, source: 'file', duckdb, signal } as const;
        stored = await storeLabelFile(tx, storing);
        return stored.added + stored.corrected;
      });
      const { unknown, ...counts } = stored;
      const places = destinationsOf(
        { ...folders, bad: placeIn(folders.bad, 'labels') },
        { id: params.arrival, file: params.file },
      );
      const strangers = await writeUnknown(unknown, folder);
      const placements = [
        ...badOnly(result, { raw, files, places }),
        ...(strangers === undefined ? [] : [{ from: strangers, to: places.reasons }]),
      ];
      await dataPlaces.makeRoom(Object.values(places), new Set(placements.map(({ to }) => to)));
      for (const placement of placements) await dataPlaces.place(placement, place);
      const summary = { ...counts, bad: result.rows.bad + result.rows.rejected + unknown.length };
      log(`${counts.added} added, ${counts.corrected} corrected, ${counts.unchanged} unchanged, ${summary.bad} bad`);
      if (placements.length > 0)
        log(`expected the columns ${labelFileColumns(contract)}; see ${path.dirname(places.bad)}`);
      const alert = await replaceRows('alert', async (tx) => {
        const found = alertOf(result, { dedupeKey: params.arrival, link: options.runUrl(runId) });
        if (found === undefined) return 0;
        await raiseFileAlert(tx, { ...found, runId, channels: options.alertChannels });
        return 1;
      });
      return { labels, alert, summary };
    },
  });
}

interface BadParts {
  readonly raw: string;
  readonly files: Awaited<ReturnType<typeof checkLabelFile>>['files'];
  readonly places: Destinations;
}

/** Good rows are in the database; the others go to bad-data. */
function badOnly(result: CheckResult, { raw, files: { good = '', bad = '', rejected = '' }, places }: BadParts) {
  const all = placementsOf(result, { files: { raw, good, bad, rejected }, to: places });
  return all.filter(({ to }) => to !== places.good && to !== places.goodRows);
}

/** Labels of predictions that do not exist, as a file; undefined when there are none. */
async function writeUnknown(unknown: readonly GivenLabel[], folder: string): Promise<string | undefined> {
  if (unknown.length === 0) return undefined;
  const file = path.join(folder, 'unknown.csv');
  const lines = unknown.map(
    ({ predictionId, value: label }) => `${predictionId},${quoted(String(label))},there is no such prediction`,
  );
  await writeFile(file, `${['prediction_id,value,violations', ...lines].join('\n')}\n`);
  return file;
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** Both as the registry takes them. */
export function labelsRegistry(tasks: ReturnType<typeof labelsTasks>): readonly AnyTask[] {
  return Object.values(tasks);
}
