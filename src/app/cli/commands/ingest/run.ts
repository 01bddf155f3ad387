import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { getCheck, type StoredCheckDetail } from '#contracts';
import { getRun } from '#engine';
import { type DataPlaces, type Places, placesOf } from '#pipelines';
import { type Database, isS3Address } from '#store';
import { UsageError } from '../../../project/errors.ts';
import { loadConfig } from '../../../project/load-config.ts';
import { pathsOf } from '../../../project/paths.ts';
import { withProject } from '../../../serve/open-project.ts';
import { maybeRunning } from '../../../serve/server-file.ts';
import type { OpenedProject } from '../../../serve/start-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { inputFile } from '../../input-file.ts';
import { thenOnRecord } from '../../on-record.ts';
import { type PipelineRequest, runHere, runThere } from '../../run-request.ts';
import { type RunSummary, toText as toRunText } from '../../run-summary.ts';
import { matchServer } from '../../server-project.ts';

const LOOK_AGAIN_MS = 250;

/** Ingests one file, in the Weir that runs over the project or, when none does, in this process. */
export async function ingest(file: string, options: InProject<ProjectFlags>): Promise<number> {
  const { projectFolder, environment, json, print, signal } = options;
  const { state } = pathsOf(projectFolder, await loadConfig(projectFolder, environment));
  const running = await maybeRunning(state);
  if (running !== undefined) await matchServer(running, { ...options, reload: false });
  const ingested =
    running === undefined
      ? await withProject('engine', options, (opened) =>
          ingestFile(opened, { ...options, file, run: (request) => runHere(opened, { ...options, request }) }),
        )
      : await withProject('project', options, (opened) =>
          ingestFile(opened, {
            ...options,
            file,
            run: (request) => runThere({ ...options, request, server: running }),
          }),
        );
  print(json ? `${JSON.stringify(ingested)}\n` : printable(toText(ingested)));
  if (signal.aborted) return EXIT_CODES.interrupted;
  return isWhollyGood(ingested.check) ? EXIT_CODES.done : EXIT_CODES.failed;
}

interface Ingesting extends InProject<ProjectFlags> {
  readonly file: string;
  readonly run: (request: PipelineRequest) => Promise<RunSummary>;
}

interface Ingested {
  /** Its name in raw-data. */
  readonly file: string;
  readonly run: RunSummary;
  /** Null when the run did not check it. */
  readonly check: StoredCheckDetail | null;
  readonly places: Places;
}

async function ingestFile(
  { wiring, paths }: OpenedProject,
  { file: given, run, signal }: Ingesting,
): Promise<Ingested> {
  const { project, database } = wiring;
  if (project.contract === undefined)
    throw new UsageError(
      'contract_missing',
      `Project ${project.name} ingests no files: its project.ts names no contract.`,
    );
  if (isS3Address(given))
    throw new UsageError(
      'usage_invalid',
      `Expected a local file to ingest; ${given} is in a bucket. What lies in ${paths.data.raw} is ingested by: weir run ingest --param file=<name>. Fetch another one first, for example with: aws s3 cp ${given} .`,
    );
  const isCopied = !(await isIn(path.resolve(given), paths.data.raw));
  const file = await thenOnRecord(
    database,
    { action: 'receiveFile', toTarget: (name: string) => `name=${name}`, isChange: () => isCopied },
    () => putIntoRaw(path.resolve(given), { folder: paths.data.raw, places: wiring.places, isCopied }),
  );
  const summary = await run({ pipeline: 'ingest', params: { file } });
  const id = await arrivalOf(database, { runId: summary.runId, signal });
  const check = id === undefined ? undefined : await getCheck(database, id);
  if (id === undefined || check === undefined) return { file, run: summary, check: null, places: {} };
  return { file, run: summary, check, places: placesOf(paths.data, { id, file, check }) };
}

/** The name of the file in raw-data; it is copied unless it is there already. */
async function putIntoRaw(
  file: string,
  { folder, places, isCopied }: { readonly folder: string; readonly places: DataPlaces; readonly isCopied: boolean },
): Promise<string> {
  const { blocks } = await inputFile(file);
  const name = path.basename(file);
  if (!isCopied) return name;
  return (await places.receive({ folder, name, content: blocks() })).file;
}

const isIn = async (file: string, folder: string): Promise<boolean> =>
  (await realpath(path.dirname(file)).catch(() => undefined)) === (await realpath(folder).catch(() => folder));

/** The arrival that a run ingested. Another run may have selected the file first: then that of the other one, at its end. */
async function arrivalOf(
  database: Database,
  { runId, signal }: { readonly runId: string; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const first = await getRun(database, runId);
  const other = first?.params.run;
  if (typeof other !== 'string') return toId(first?.params.arrival);
  for (;;) {
    const run = await getRun(database, other);
    if (run === undefined || run.endedAt !== null || signal.aborted) return toId(run?.params.arrival);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

const toId = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function isWhollyGood(check: Ingested['check']): boolean {
  if (check === null || check.verdict === 'quarantined') return false;
  return check.rows.bad === 0 && check.rows.rejected === 0;
}

function toText({ file, run, check, places }: Ingested): string {
  if (check === null) return toRunText(run);
  const { rows, verdict, summary } = check;
  const counts = { good: rows.good, bad: rows.bad, reasons: undefined, rejected: rows.rejected };
  const parts = Object.entries(places).map(([part, place]) => {
    // The entries of `places` have its keys.
    const count = counts[part as keyof Places];
    return `  ${part.padEnd(8)}  ${(count === undefined ? '' : count.toLocaleString('en-US')).padStart(9)}  ${place}\n`;
  });
  return [`${file}: ${verdict}, ${summary}\n`, ...parts, `run ${run.runId} of ingest: ${run.state}\n`].join('');
}
