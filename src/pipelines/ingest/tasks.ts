import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type CheckResult, type Contract, checkFile, maybeColumnWithRole, renderReport, saveCheck } from '#contracts';
import { type AnyTask, blob, defineTask, type FileReceipt, rows, TaskError, value } from '#engine';
import { storeRowLabels } from '#ml';
import { type AlertRoute, alertOf, raiseFileAlert } from '#monitor';
import type { Database, DuckdbPool } from '#store';
import { saveReceipt } from '../check-receipts.ts';
import { contractIdentity } from '../contract-identity.ts';
import type { DataFolders, Inbox } from '../folders.ts';
import { type DataPlaces, placeIn } from '../places/data-places.ts';
import { localPlaces } from '../places/local-places.ts';
import { LATER_ROLES } from '../project.ts';
import { type References, referenceInputs, referencePaths } from '../references.ts';
import { destinationsOf, placementsOf } from './placement.ts';

export interface IngestOptions {
  /** The model whose rows arrive. */
  readonly model: string;
  /** The contract of arriving files: the project's contract, whose label may be missing (`arrivingContract`). */
  readonly contract: Contract;
  /** The other datasets that it names; none unless set. */
  readonly references?: References;
  readonly database: Database;
  readonly duckdb: DuckdbPool;
  readonly folders: DataFolders;
  /** What reads and writes their files; files of this machine unless set. */
  readonly places?: DataPlaces | undefined;
  /** The configured channels, and which alerts each gets. */
  readonly alertChannels: readonly AlertRoute[];
  /** Absolute address of a check's report, for use outside the web app. */
  readonly reportUrl: (checkId: string) => string;
}

/**
 * The tasks of ingestion: read, validate, then statistics, alerts and the split in parallel, and beside them the labels
 * where the contract has some.
 */
export function ingestTasks(options: IngestOptions) {
  const readData = defineReadData(options);
  const validateData = defineValidateData(options, readData);
  const saveStatistics = defineSaveStatistics(validateData);
  const sendAlerts = defineSendAlerts(options, validateData);
  const splitAndSaveData = defineSplitAndSaveData(options, { readData, validateData });
  const hasLabels = maybeColumnWithRole(options.contract, 'label') !== undefined;
  const saveLabels = hasLabels ? defineSaveLabels(options, validateData) : undefined;
  return { readData, validateData, saveStatistics, sendAlerts, splitAndSaveData, saveLabels };
}

/** The params of the tasks of one arrival. */
export function paramsOf(arrival: { id: string; file: string; digest: string }, contract: Contract) {
  return { arrival: arrival.id, file: arrival.file, digest: arrival.digest, contract: contractIdentity(contract) };
}

type ReadData = ReturnType<typeof defineReadData>;
type ValidateData = ReturnType<typeof defineValidateData>;

const defineReadData = ({ folders, places }: IngestOptions) =>
  defineReadFile('read-data', { folder: folders.raw, name: 'raw-data', places });

/** Copies the selected file of an inbox, so that all tasks after it read the same bytes. */
export function defineReadFile(name: string, inbox: Inbox) {
  const { places = localPlaces } = inbox;
  return defineTask({
    name,
    version: '1',
    params: z.object({ file: z.string(), digest: z.string() }),
    outputs: { raw: blob() },
    run: async ({ params, folder, blob: store, log }) => {
      const copy = path.join(folder, 'raw');
      const content = await places.read(placeIn(inbox.folder, params.file), { copyTo: copy });
      if (typeof content === 'string' || content.digest !== params.digest) {
        const found = typeof content === 'string' ? content : `with digest ${content.digest.slice(0, 12)}`;
        throw new TaskError(
          `${params.file} is no longer the file that was selected: expected the bytes with digest ${params.digest.slice(0, 12)}, and it is ${found}. ` +
            `If it is still in ${inbox.name}, it is selected again once it no longer changes.`,
          { class: 'data' },
        );
      }
      log(`read ${content.sizeBytes} bytes of ${params.file}`);
      return { raw: await store({ path: copy }) };
    },
  });
}

function defineValidateData({ contract, references = {}, duckdb }: IngestOptions, readData: ReadData) {
  return defineTask({
    name: 'validate-data',
    version: '1',
    params: z.object({ file: z.string(), contract: z.string() }),
    reads: { read: readData },
    inputs: () => referenceInputs(references),
    outputs: { result: value<CheckResult>(), good: blob(), bad: blob(), rejected: blob(), report: blob() },
    run: async ({ params, inputs, folder, blob: store, signal, log }) => {
      const raw = await inputs.read.raw.path();
      const { result, files } = await checkFile({
        ...{ path: raw, name: params.file, contract, mayLack: LATER_ROLES, folder, duckdb, signal },
        references: await referencePaths(references, inputs),
      });
      log(result.summary);
      const keep = async (file: string | undefined) => store(file === undefined ? new Uint8Array() : { path: file });
      const report = path.join(folder, 'report.html');
      await writeFile(report, renderReport(result));
      return {
        result,
        good: await keep(files.good),
        bad: await keep(files.bad),
        rejected: await keep(files.rejected),
        report: await keep(report),
      };
    },
  });
}

function defineSaveStatistics(validateData: ValidateData) {
  return defineTask({
    name: 'save-statistics',
    version: '1',
    params: z.object({ arrival: z.string() }),
    reads: { checked: validateData },
    // Statistics and alerts are stored in the tables of the parts that show them.
    outputs: { statistics: rows({ table: 'weir.checks', remove: 'keep' }) },
    run: async ({ params, inputs, rows: replaceRows }) => {
      const { result, report } = inputs.checked;
      const statistics = await replaceRows('statistics', (tx) =>
        saveCheck(tx, { id: params.arrival, result, reportDigest: report.digest }),
      );
      return { statistics };
    },
  });
}

function defineSendAlerts({ alertChannels, reportUrl }: IngestOptions, validateData: ValidateData) {
  return defineTask({
    name: 'send-alerts',
    version: '1',
    params: z.object({ arrival: z.string() }),
    reads: { checked: validateData },
    outputs: { alert: rows({ table: 'weir.alerts', remove: 'keep' }) },
    run: async ({ params, inputs, rows: replaceRows, log, runId }) => {
      const alert = alertOf(inputs.checked.result, { dedupeKey: params.arrival, link: reportUrl(params.arrival) });
      if (alert === undefined) log('nothing is wrong: no alert');
      return {
        alert: await replaceRows('alert', async (tx) => {
          if (alert === undefined) return 0;
          await raiseFileAlert(tx, { ...alert, runId, channels: alertChannels });
          return 1;
        }),
      };
    },
  });
}

/** The labels that arrive with their rows, so that predictions of these rows show what really happened. */
function defineSaveLabels({ model, contract, duckdb }: IngestOptions, validateData: ValidateData) {
  const label = maybeColumnWithRole(contract, 'label');
  return defineTask({
    name: 'save-labels',
    version: '1',
    params: z.object({ arrival: z.string() }),
    reads: { checked: validateData },
    outputs: { labels: rows({ table: 'weir.labels', remove: 'keep' }) },
    run: async ({ inputs, rows: replaceRows, signal, log }) => {
      const { result, good } = inputs.checked;
      const facts = result.columns.find(({ name }) => name === label);
      const isLabelled = result.rows.good > 0 && facts !== undefined && facts.nulls < result.rows.in;
      const file = isLabelled ? await good.path() : undefined;
      return {
        labels: await replaceRows('labels', async (tx) => {
          if (file === undefined) return 0;
          const stored = await storeRowLabels(tx, { contract, good: file, model, source: 'ingest', duckdb, signal });
          log(`${stored.added} labels added, ${stored.corrected} corrected, ${stored.unchanged} unchanged`);
          return stored.added + stored.corrected;
        }),
      };
    },
  });
}

function defineSplitAndSaveData(
  { folders, database, contract, places: dataPlaces = localPlaces }: IngestOptions,
  before: { readonly readData: ReadData; readonly validateData: ValidateData },
) {
  return defineTask({
    name: 'split-and-save-data',
    version: '1',
    params: z.object({ arrival: z.string(), file: z.string(), contract: z.string() }),
    reads: { read: before.readData, checked: before.validateData },
    // A value and no file outputs: removing a good file must not make this goal incomplete, because placing it again
    // would count its rows twice.
    outputs: { placed: value<FileReceipt[]>() },
    run: async ({ params, inputs, file, log }) => {
      const { checked, read } = inputs;
      const places = destinationsOf(folders, { id: params.arrival, file: params.file });
      const placements = placementsOf(checked.result, {
        files: {
          raw: await read.raw.path(),
          good: await checked.good.path(),
          bad: await checked.bad.path(),
          rejected: await checked.rejected.path(),
        },
        to: places,
      });
      await dataPlaces.makeRoom(Object.values(places), new Set(placements.map(({ to }) => to)));
      const placed: FileReceipt[] = [];
      for (const placement of placements) placed.push(await dataPlaces.place(placement, file));
      const good = placed.find(({ path: to }) => [places.good, places.goodRows].includes(to));
      // After a restart with another contract, nobody checked by the one that was planned with.
      if (good !== undefined && params.contract === contractIdentity(contract))
        await saveReceipt(database, {
          ...{ path: path.basename(good.path), digest: good.digest, contract: params.contract },
          ...{ rowsDigest: checked.good.digest, rowCount: checked.result.rows.good },
        });
      log(placed.map(({ path: to, sizeBytes }) => `${to}: ${sizeBytes} bytes`).join('\n'));
      return { placed };
    },
  });
}

/** All of them as the registry takes them. */
export function ingestRegistry(tasks: ReturnType<typeof ingestTasks>): readonly AnyTask[] {
  return Object.values(tasks).filter((task) => task !== undefined);
}
