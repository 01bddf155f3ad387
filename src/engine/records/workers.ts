import { type Database, prepared, type Queryable } from '#store';

/** A task run, or a batch of them, in the hands of a worker. */
export interface WorkerTask {
  readonly task: string;
  readonly runId: string;
  /** How many goals it is. */
  readonly goals: number;
  readonly since: string;
}

/** A process of `weir worker`. */
export interface WorkerIdentity {
  readonly id: string;
  /** Host and process. */
  readonly name: string;
  readonly version: string;
  /** What it brings itself: only goals of this runtime come to it. */
  readonly runtime: string;
  readonly labels: readonly string[];
  readonly slots: number;
}

export interface WorkerBeat {
  readonly running: readonly WorkerTask[];
  /** How many attempts and batches have ended. */
  readonly ended: number;
}

export interface WorkerRecord extends WorkerIdentity, WorkerBeat {
  readonly startedAt: Date;
  readonly seenAt: Date;
  /** Null while it takes work. */
  readonly drainingSince: Date | null;
  /** `silent`: it was killed, or is cut off from the database. */
  readonly state: 'serving' | 'draining' | 'silent';
}

const SILENT_AFTER_SECONDS = 15;
/** A killed worker is shown this long. */
const SHOWN_MINUTES = 60;

const BEAT = prepared(
  'beat_worker',
  `
insert into workers (id, name, version, runtime, labels, slots, running, ended)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (id) do update set running = excluded.running, ended = excluded.ended, seen_at = clock_timestamp()
returning draining_since is not null as is_draining`,
);

/** Says that a worker lives and what it does, and returns whether it was asked to drain. */
export async function beatWorker(database: Queryable, worker: WorkerIdentity & WorkerBeat): Promise<boolean> {
  const { id, name, version, runtime, labels, slots, running, ended } = worker;
  const values = [id, name, version, runtime, labels, slots, JSON.stringify(running), ended];
  const [row] = await database.query<{ is_draining: boolean }>(BEAT, values);
  return row?.is_draining === true;
}

/** Removes a worker that ends, and those that have been silent for long. */
export async function removeWorker(database: Queryable, id: string): Promise<void> {
  await database.query(
    `delete from workers where id = $1 or seen_at < clock_timestamp() - interval '${SHOWN_MINUTES} minutes'`,
    [id],
  );
}

/** The workers on a database, by name; those that were killed too, for an hour. */
export async function listWorkers(database: Queryable): Promise<readonly WorkerRecord[]> {
  return database.query<WorkerRecord>(`
    select id::text, name, version, runtime, labels, slots, running, ended::integer,
      started_at as "startedAt", seen_at as "seenAt", draining_since as "drainingSince",
      case when seen_at < clock_timestamp() - interval '${SILENT_AFTER_SECONDS} seconds' then 'silent'
        when draining_since is not null then 'draining' else 'serving' end as state
    from workers where seen_at >= clock_timestamp() - interval '${SHOWN_MINUTES} minutes' order by name, id`);
}

/** Asks a worker to take nothing new, and to end when what it runs has; false when there is none of this id or name. */
export async function drainWorker(database: Database, idOrName: string): Promise<boolean> {
  const found = await database.query(
    `update workers set draining_since = coalesce(draining_since, clock_timestamp())
     where id::text = $1 or name = $1 returning id`,
    [idOrName],
  );
  return found.length > 0;
}
