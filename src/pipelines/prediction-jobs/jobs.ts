import type { Coerced } from '#contracts';
import { type PagedList, type Queryable, readPage } from '#store';

/** The formats of files to predict, and of results. */
export const JOB_FORMATS = ['csv', 'ndjson', 'parquet'] as const;
export type JobFormat = (typeof JOB_FORMATS)[number];

/** What a job is asked for. */
export interface JobRequest {
  readonly runId: string;
  /** The name that its sender gave. */
  readonly file: string;
  readonly sizeBytes: number;
  readonly format: JobFormat;
  readonly model: string;
  readonly version: number;
  /** Whether its predictions are stored with all others. */
  readonly isStored: boolean;
  readonly by: string | null;
}

/** A job with the state of its run. */
export interface PredictionJob extends JobRequest {
  readonly id: string;
  readonly state: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'skipped';
  /** Why the run ended as it did. */
  readonly reason: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  /** Null until the file was checked. */
  readonly rowsIn: number | null;
  readonly rowsPredicted: number;
  readonly rowsRefused: number;
  /** What the check of the file found. */
  readonly summary: string | null;
  /** How many cells of the file were changed, by column and change; null where none was. */
  readonly coerced: Coerced | null;
  /** Digests of the results by format; null until the job has succeeded. */
  readonly results: Readonly<Record<JobFormat, string>> | null;
}

/** What is fixed when a run is planned first. */
export interface PlannedJob {
  readonly id: string;
  readonly version: number;
}

/** The rows of a file, and what they are judged by. */
export interface JobContent {
  /** Of the file. */
  readonly digest: string;
  /** The identity of the contract. */
  readonly contract: string;
}

/** Records the job of a run; a run that is planned again has the job that it had. */
export async function createJob(database: Queryable, request: JobRequest & JobContent): Promise<PlannedJob> {
  const { runId, file, digest, contract, sizeBytes, format, model, version, isStored, by } = request;
  await database.query(
    `insert into prediction_jobs (run_id, file, digest, contract, size_bytes, format, model, model_version, is_stored, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (run_id) do nothing`,
    [runId, file, digest, contract, sizeBytes, format, model, version, isStored, by],
  );
  const job = await maybePlannedJob(database, runId);
  if (job === undefined) throw new Error(`Expected run ${runId} to have a prediction job.`);
  return job;
}

/** The job that a run was planned with. */
export async function maybePlannedJob(database: Queryable, runId: string): Promise<PlannedJob | undefined> {
  const [job] = await database.query<PlannedJob>(
    'select id::text, model_version as version from prediction_jobs where run_id = $1',
    [runId],
  );
  return job;
}

/** What makes two jobs the same predictions. */
export type JobIdentity = JobContent & Pick<JobRequest, 'file' | 'model' | 'version' | 'isStored'>;

/** The newest job that predicts, or has predicted, the same file under the same name by the same version and contract. */
export async function maybeSameJob(database: Queryable, asked: JobIdentity): Promise<PredictionJob | undefined> {
  const { digest, contract, file, model, version, isStored } = asked;
  const [job] = await database.query<JobRow>(
    `select * from (${withRun(`select ${COLUMNS} from prediction_jobs
       where digest = $1 and contract = $2 and file = $3 and model = $4 and model_version = $5 and is_stored = $6`)}) as same
     where state in ('queued', 'running') or state = 'succeeded' and parquet is not null order by id::bigint desc limit 1`,
    [digest, contract, file, model, version, isStored],
  );
  return job && toJob(job);
}

/** The id of the job of a run. */
export async function maybeJobOfRun(database: Queryable, runId: string): Promise<string | undefined> {
  return (await maybePlannedJob(database, runId))?.id;
}

/** Gives a job to the retry of its run, so that it goes on where it was; undefined, or why it cannot. */
export async function retakeJob(
  database: Queryable,
  { runId, job }: { readonly runId: string; readonly job: string },
): Promise<string | undefined> {
  const taken = await database.query('update prediction_jobs set run_id = $1 where id = $2 returning id', [runId, job]);
  return taken.length === 1 ? undefined : `prediction job ${job} was deleted. Send the file again.`;
}

/** Notes what the check of the file found. */
export async function noteChecked(
  database: Queryable,
  { job, rows, refused, summary, coerced }: JobChecked & { readonly job: string },
): Promise<void> {
  await database.query(
    'update prediction_jobs set rows_in = $2, rows_refused = $3, rows_predicted = 0, summary = $4, coerced = $5 where id = $1',
    [job, rows, refused, summary, coerced === undefined ? null : JSON.stringify(coerced)],
  );
}

export interface JobChecked {
  readonly rows: number;
  /** Rows that break the contract, and records that are no rows. */
  readonly refused: number;
  readonly summary: string;
  /** Absent where no cell of the file was changed. */
  readonly coerced?: Coerced;
}

export interface JobCounts {
  readonly predicted: number;
  readonly refused: number;
}

/** Notes how far a job has come. */
export async function noteProgress(
  database: Queryable,
  { job, predicted, refused }: JobCounts & { readonly job: string },
): Promise<void> {
  await database.query('update prediction_jobs set rows_predicted = $2, rows_refused = $3 where id = $1', [
    job,
    predicted,
    refused,
  ]);
}

/** Notes the results of a job, each by its digest. */
export async function noteResults(
  database: Queryable,
  { job, results }: { readonly job: string; readonly results: Readonly<Record<JobFormat, string>> },
): Promise<void> {
  await database.query(
    'update prediction_jobs set result_csv = $2, result_ndjson = $3, result_parquet = $4 where id = $1',
    [job, results.csv, results.ndjson, results.parquet],
  );
}

interface JobRow extends Omit<PredictionJob, 'results' | 'sizeBytes' | 'rowsIn' | 'rowsPredicted' | 'rowsRefused'> {
  readonly sizeBytes: string;
  readonly rowsIn: string | null;
  readonly rowsPredicted: string;
  readonly rowsRefused: string;
  readonly csv: string | null;
  readonly ndjson: string | null;
  readonly parquet: string | null;
}

const COLUMNS = `prediction_jobs.id::text, prediction_jobs.run_id::text as "runId", file, size_bytes as "sizeBytes", format, model,
  model_version as version, is_stored as "isStored", created_by as by, prediction_jobs.created_at as "createdAt",
  rows_in as "rowsIn", rows_predicted as "rowsPredicted", rows_refused as "rowsRefused", summary, coerced,
  result_csv as csv, result_ndjson as ndjson, result_parquet as parquet`;

const JOBS: PagedList<'created'> = {
  name: 'prediction jobs',
  table: 'prediction_jobs',
  columns: COLUMNS,
  id: { sql: 'prediction_jobs.id', type: 'bigint' },
  orders: { created: { sql: 'prediction_jobs.created_at', type: 'timestamptz' } },
  sort: '-created',
  text: "concat_ws(' ', prediction_jobs.id, file, created_by)",
};

/** Adds the state of its run to each job. */
const withRun = (jobs: string): string =>
  `select job.*, runs.state, runs.reason, runs.started_at as "startedAt", runs.ended_at as "endedAt"
   from (${jobs}) as job join runs on runs.id = job."runId"::bigint`;

/** Which page of the jobs. */
export interface JobsQuery {
  readonly sort?: 'created' | '-created' | undefined;
  /** Words that the file, the id or the sender contains. */
  readonly search?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Jobs of a model, newest first unless they are sorted. */
export async function listJobs(
  database: Queryable,
  { model, ...request }: JobsQuery & { readonly model: string },
): Promise<{ readonly items: readonly PredictionJob[]; readonly nextCursor: string | null }> {
  const direction = request.sort === 'created' ? 'asc' : 'desc';
  const { items, nextCursor } = await readPage<JobRow, 'created'>(database, JOBS, {
    request: { ...request, equal: { model } },
    around: (page) => `${withRun(page)} order by job."createdAt" ${direction}, job.id::bigint ${direction}`,
  });
  return { items: items.map(toJob), nextCursor };
}

/** One job; undefined when there is none with this id. */
export async function findJob(database: Queryable, id: string): Promise<PredictionJob | undefined> {
  const [job] = await database.query<JobRow>(withRun(`select ${COLUMNS} from prediction_jobs where id = $1`), [id]);
  return job && toJob(job);
}

function toJob({ csv, ndjson, parquet, sizeBytes, rowsIn, rowsPredicted, rowsRefused, ...job }: JobRow): PredictionJob {
  const isWhole = csv !== null && ndjson !== null && parquet !== null;
  return {
    ...job,
    sizeBytes: Number(sizeBytes),
    rowsIn: rowsIn === null ? null : Number(rowsIn),
    rowsPredicted: Number(rowsPredicted),
    rowsRefused: Number(rowsRefused),
    results: isWhole && job.state === 'succeeded' ? { csv, ndjson, parquet } : null,
  };
}

/** For how long a failed job can be retried. */
const RETRIED_DAYS = 7;

/** The digests that a garbage collection must keep: results of jobs, and files of those that may go on. */
export async function jobDigests(database: Queryable, digests: readonly string[]): Promise<readonly string[]> {
  const rows = await database.query<{ digest: string }>(
    `select asked.digest from unnest($1::text[]) as asked(digest)
     where exists (select from prediction_jobs where asked.digest in (result_csv, result_ndjson, result_parquet))
       or exists (
         select from prediction_jobs join runs on runs.id = run_id
         where prediction_jobs.digest = asked.digest and (runs.settled_at is null or runs.state = 'failed'
           and runs.settled_at > clock_timestamp() - $2 * interval '1 day'))`,
    [digests, RETRIED_DAYS],
  );
  return rows.map(({ digest }) => digest);
}

/** Deletes jobs that ended long ago; their results go with the next collection of garbage. */
export async function forgetJobs(
  database: Queryable,
  { ageDaysMax }: { readonly ageDaysMax: number },
): Promise<number> {
  const forgotten = await database.query(
    `delete from prediction_jobs using runs where runs.id = prediction_jobs.run_id
       and runs.ended_at < clock_timestamp() - $1 * interval '1 day' returning prediction_jobs.id`,
    [ageDaysMax],
  );
  return forgotten.length;
}
