import { addCountsSql, type Database, type Queryable } from '#store';

/** An answered request of the API. */
export interface AnsweredRequest {
  /** Method and pattern of the route. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  /** Fields of its rows that it was refused for. */
  readonly fields: readonly string[];
}

interface Row {
  readonly minute: string;
  readonly route: string;
}
interface RequestRow extends Row {
  readonly status: string;
  readonly duration_ms: number;
}
interface FieldRow extends Row {
  readonly field: string;
}

export interface RequestCountsEffects {
  now(): Date;
}

const MINUTE_MS = 60_000;
/** The same as of `duration_bound` in the database: eight in a decade, so that a quantile is too high by half at most. */
const BOUNDS_MS = [1, 10, 100, 1000, 10_000].flatMap((decade) =>
  [1, 1.5, 2, 3, 4, 5, 6, 8].map((step) => step * decade),
);
const BOUND_MAX_MS = 100_000;
/** Different counts that wait while the database cannot be reached; what would be another one is not counted. */
const WAITING_MAX = 20_000;

/**
 * Counts answered requests in memory, so that no answer waits for it, until `flush` adds the counts to the tables. What a
 * process counted since its last flush is lost when it is killed.
 */
export class RequestCounts {
  readonly #now: RequestCountsEffects['now'];
  readonly #requests = new Tally<RequestRow>();
  readonly #fields = new Tally<FieldRow>();

  constructor({ now }: RequestCountsEffects = { now: () => new Date() }) {
    this.#now = now;
  }

  count({ route, status, durationMs, fields }: AnsweredRequest): void {
    const minute = new Date(Math.floor(this.#now().getTime() / MINUTE_MS) * MINUTE_MS).toISOString();
    const bound = BOUNDS_MS.find((each) => durationMs <= each) ?? BOUND_MAX_MS;
    this.#requests.add({ minute, route, status: `${Math.floor(status / 100)}xx`, duration_ms: bound });
    for (const field of new Set(fields)) this.#fields.add({ minute, route, field });
  }

  /** Adds what was counted to the tables; when that fails, it is kept for the next time. */
  async flush(database: Database): Promise<void> {
    const [requests, fields] = [this.#requests.take(), this.#fields.take()];
    if (requests.length === 0) return;
    try {
      await database.transaction(async (tx) => {
        await tx.query(ADD_REQUESTS, [toJson(requests)]);
        if (fields.length > 0) await tx.query(ADD_FIELDS, [toJson(fields)]);
      });
    } catch (error) {
      this.#requests.putBack(requests);
      this.#fields.putBack(fields);
      throw error;
    }
  }
}

interface Counted<T> {
  readonly row: T;
  readonly requests: number;
}

class Tally<T extends Row> {
  readonly #counted = new Map<string, Counted<T>>();

  add(row: T, requests = 1): void {
    const key = JSON.stringify(row);
    const before = this.#counted.get(key)?.requests;
    if (before === undefined && this.#counted.size >= WAITING_MAX) return;
    this.#counted.set(key, { row, requests: requests + (before ?? 0) });
  }

  take(): readonly Counted<T>[] {
    const counted = [...this.#counted.values()];
    this.#counted.clear();
    return counted;
  }

  putBack(counted: readonly Counted<T>[]): void {
    for (const { row, requests } of counted) this.add(row, requests);
  }
}

const toJson = <T>(counted: readonly Counted<T>[]): string =>
  JSON.stringify(counted.map(({ row, requests }) => ({ ...row, requests })));

const addSql = (table: string, keys: Readonly<Record<string, string>>): string => {
  const columns = Object.entries({ minute: 'timestamptz', ...keys, requests: 'bigint' });
  const types = columns.map(([name, type]) => `${name} ${type}`).join(', ');
  const from = `jsonb_to_recordset($1::jsonb) as given (${types})`;
  return addCountsSql({ into: table, from, keys: Object.keys(keys), sums: ['requests'] });
};

const ADD_REQUESTS = addSql('request_counts', { route: 'text', status: 'text', duration_ms: 'float8' });
const ADD_FIELDS = addSql('refused_fields', { route: 'text', field: 'text' });

/** Removes counts of requests that were answered more than so many days ago. */
export async function forgetRequestCounts(
  queryable: Queryable,
  { ageDaysMax }: { readonly ageDaysMax: number },
): Promise<void> {
  for (const table of ['request_counts', 'refused_fields'])
    await queryable.query(`delete from ${table} where at < clock_timestamp() - $1 * interval '1 day'`, [ageDaysMax]);
}
