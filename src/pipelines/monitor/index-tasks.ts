import { open } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { maybeColumnWithRole, readGoodRows, type TypedRow } from '#contracts';
import { blob, defineTask, rows, value } from '#engine';
import { championsAt, type FeatureRow } from '#ml';
import { indexFile, startOfStep } from '#monitor';
import { toCountText } from '#store';
import { contractIdentity } from '../contract-identity.ts';
import { placesOf } from '../ingest/placement.ts';
import { placeIn } from '../places/data-places.ts';
import { localPlaces } from '../places/local-places.ts';
import { findGoodRows } from '../predict/good-rows.ts';
import type { MonitorOptions } from './options.ts';

/** Files that one run looks at; the next run takes the rest. */
const FILES_PER_RUN_MAX = 200;
/** What arrived longer ago is not judged any more. */
export const LOOKBACK_DAYS = 30;
/** Rows of a file that are compared; of more, an even part of them. */
const SAMPLED_MAX = 20_000;
const PAGE_ROWS = 5_000;
/** A sample is needed until its window is judged. */
const retention = { ageDaysMax: LOOKBACK_DAYS };

export const sampledFile = z.object({
  check: z.string(),
  /** Name in good-data. */
  file: z.string(),
  rows: z.number(),
  arrivedAt: z.string(),
  contract: z.string(),
  stepMinutes: z.number(),
});
/** A file whose rows are sampled. */
export type SampledFile = z.infer<typeof sampledFile>;

/** A row of a sample: its time in milliseconds, and its features. */
export interface SampledRow {
  readonly at: number;
  readonly row: FeatureRow;
}

interface Arrived {
  readonly id: string;
  readonly file: string;
  readonly verdict: 'pass' | 'warn' | 'fail';
  readonly rows: { readonly in: number; readonly good: number; readonly bad: number; readonly rejected: number };
  readonly arrivedAt: Date;
}

const ARRIVED = `
  select c.id, c.file, c.verdict, c.checked_at as "arrivedAt",
         jsonb_build_object('in', rows_in, 'good', rows_good, 'bad', rows_bad, 'rejected', rows_rejected) as rows
    from checks c join arrivals a on a.id = c.id and a.outcome = 'ingested'`;

/** Ingested files whose rows no run has looked at, oldest first. */
const NEW = `${ARRIVED}
   where c.checked_at >= $2 and c.rows_good > 0 and c.verdict <> 'quarantined'
     and not exists (select from drift_files f where f.check_id = c.id and f.model = $1)
   order by c.checked_at, c.id limit ${FILES_PER_RUN_MAX}`;

/** Files by the ids of their checks, as `sample-file` takes them. */
export async function filesOfChecks(
  options: MonitorOptions,
  checks: readonly string[],
): Promise<ReadonlyMap<string, SampledFile>> {
  const found = await options.database.query<Arrived>(`${ARRIVED} where c.id = any($1::text[])`, [checks]);
  return new Map(found.map((arrived) => [arrived.id, toSampled(options, arrived)]));
}

function toSampled(
  { folders, contract, rules }: MonitorOptions,
  { id, file, arrivedAt, ...check }: Arrived,
): SampledFile {
  const { good = '' } = placesOf(folders, { id, file, check });
  return {
    ...{ check: id, file: path.basename(good), rows: check.rows.good, arrivedAt: arrivedAt.toISOString() },
    ...{ contract: contractIdentity(contract), stepMinutes: rules.windowMinutes },
  };
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Lists the files whose rows have not been looked at. */
export function defineListArrivals(options: MonitorOptions) {
  const { database, model } = options;
  return defineTask({
    name: 'list-arrivals',
    version: '1',
    params: z.object({ run: z.string(), at: z.string() }),
    outputs: { files: value<readonly SampledFile[]>() },
    run: async ({ params, log }) => {
      const since = new Date(Date.parse(params.at) - LOOKBACK_DAYS * DAY_MS);
      const arrived = await database.query<Arrived>(NEW, [model, since]);
      log(toCountText(arrived.length, 'file has rows that are new', 'files have rows that are new'));
      return { files: arrived.map((each) => toSampled(options, each)) };
    },
  });
}

export interface Step {
  readonly at: number;
  readonly newest: number;
  readonly rows: number;
}

/** Counts the rows of a file by the steps of their time, and keeps the features of a part of them. */
export function defineSampleFile(options: MonitorOptions) {
  const { contract, duckdb, folders, places = localPlaces } = options;
  const time = maybeColumnWithRole(contract, 'time');
  const features = Object.keys(contract.columns).filter((name) => contract.columns[name]?.role === 'feature');
  return defineTask({
    name: 'sample-file',
    version: '1',
    params: sampledFile,
    outputs: { sample: blob(), steps: value<readonly Step[]>(), problem: value<string | null>() },
    retention,
    run: async ({ params, folder, blob: store, log, signal }) => {
      const copy = path.join(folder, 'good-file');
      const content = await places.read(placeIn(folders.good, params.file), { copyTo: copy });
      const file = typeof content === 'string' ? undefined : { path: params.file, digest: content.digest };
      const good = file && (await findGoodRows({ ...options, file, copy, folder, signal }));
      if (good?.rows === undefined) {
        const problem = `${params.file} is ${typeof content === 'string' ? content : 'without good rows'}: its rows are judged in no window`;
        log(problem);
        return { sample: await store(new Uint8Array()), steps: [], problem };
      }
      const steps = new Map<number, Step>();
      const sample = path.join(folder, 'sample.jsonl');
      const handle = await open(sample, 'w');
      const stride = Math.ceil(params.rows / SAMPLED_MAX);
      let position = 0;
      try {
        await readGoodRows({ file: good.rows, contract, duckdb, pageRows: PAGE_ROWS, signal }, async (page) => {
          const lines: string[] = [];
          for (const row of page) {
            const at = momentOf(time === undefined ? null : row[time], params.arrivedAt);
            addRow(steps, { at, stepMs: params.stepMinutes * MINUTE_MS });
            if (position % stride === 0) lines.push(`${JSON.stringify({ at, row: only(features, row) })}\n`);
            position += 1;
          }
          await handle.appendFile(lines.join(''));
        });
      } finally {
        await handle.close();
      }
      return { sample: await store({ path: sample }), steps: [...steps.values()], problem: null };
    },
  });
}

export type SampleFile = ReturnType<typeof defineSampleFile>;

/** A row without a time of its own has that of its arrival. */
function momentOf(cell: TypedRow[string] | undefined, arrivedAt: string): number {
  const own = typeof cell === 'string' ? Date.parse(cell) : Number.NaN;
  return Number.isFinite(own) ? own : Date.parse(arrivedAt);
}

function addRow(steps: Map<number, Step>, { at, stepMs }: { readonly at: number; readonly stepMs: number }): void {
  const start = startOfStep(at, stepMs);
  const known = steps.get(start) ?? { at: start, newest: at, rows: 0 };
  steps.set(start, { at: start, newest: Math.max(known.newest, at), rows: known.rows + 1 });
}

const only = (columns: readonly string[], row: TypedRow): TypedRow =>
  Object.fromEntries(columns.map((name) => [name, row[name] ?? null]));

interface BeforeIndex {
  readonly listArrivals: ReturnType<typeof defineListArrivals>;
  readonly sampleFile: SampleFile;
}

/** Records of each new file how many rows belong to which step, and which version was champion when it arrived. */
export function defineIndexArrivals({ database, model }: MonitorOptions, { listArrivals, sampleFile }: BeforeIndex) {
  return defineTask({
    name: 'index-arrivals',
    version: '1',
    params: z.object({ run: z.string(), at: z.string() }),
    inputs: ({ run, at }) => ({ listed: listArrivals.goal({ run, at }) }),
    runtimeInputs: (_, { listed }) => ({ samples: listed.files.map((file) => sampleFile.goal(file)) }),
    outputs: { indexed: rows({ table: 'weir.drift_files', remove: 'keep' }) },
    run: async ({ inputs: { listed, samples }, rows: replaceRows }) => {
      const moments = listed.files.map(({ arrivedAt }) => new Date(arrivedAt));
      const champions = await championsAt(database, model, moments);
      const indexed = await replaceRows('indexed', async (tx) => {
        for (const [at, { steps = [], problem = null }] of samples.entries())
          await indexFile(tx, {
            ...{ check: listed.files[at]?.check ?? '', model, version: champions[at] ?? null, problem },
            arrivedAt: moments[at] ?? new Date(0),
            steps: steps.map((step) => ({ at: new Date(step.at), newest: new Date(step.newest), rows: step.rows })),
          });
        return samples.length;
      });
      return { indexed };
    },
  });
}

export type IndexArrivals = ReturnType<typeof defineIndexArrivals>;
