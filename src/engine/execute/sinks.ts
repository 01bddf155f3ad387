import { createGroup, type Database, type Queryable } from '#store';
import { EngineError, TaskError } from '../define/errors.ts';
import { makeRowsDigest } from '../define/key.ts';
import type { AnyTask, RowsReceipt } from '../define/task.ts';
import { assertClaimHeld } from '../records/start-attempts.ts';
import { type Sink, SinkFencedError, type SinkMarker, type SinkOwner, type SinkPlace } from './sink.ts';
import { openPlace, readMarkers, WHILE_TASKS_WRITE } from './sql-sink.ts';

const TABLE = 'sink_markers';

/**
 * Rows in Weir's own database. The claim itself is locked in the transaction, which fences earlier than a marker: no
 * other attempt takes it over while the rows are written.
 */
export function ownSink(database: Database): Sink<Queryable> {
  return {
    name: '',
    replace: (owner, work) =>
      database.transaction(async (tx) => {
        const { goal, output, key, token } = owner;
        await assertClaimHeld(tx, { key, token });
        await tx.query(
          `insert into ${TABLE} (goal, output, key, token, row_count) values ($1, $2, $3, $4, -1)
           on conflict (goal, output) do update set key = excluded.key, token = excluded.token, row_count = -1`,
          [goal, output, key, token],
        );
        return work(openPlace(tx, { table: TABLE, owner }));
      }, WHILE_TASKS_WRITE),
    markers: (places) => readMarkers(database, { table: TABLE, places }),
  };
}

/** Removes the rows of a result with their marker, if the marker is still theirs and no newer token wrote there. */
export function removeOwnRows(
  database: Database,
  rows: {
    readonly owner: Omit<SinkOwner, 'output' | 'origin'>;
    readonly output: string;
    remove(tx: Queryable): Promise<unknown>;
  },
): Promise<'removed' | 'replaced'> {
  const { goal, key, token } = rows.owner;
  return database.transaction(async (tx) => {
    const [marker] = await tx.query<{ isTheirs: boolean }>(
      `select key = $3 and token <= $4 as "isTheirs" from ${TABLE} where goal = $1 and output = $2 for update`,
      [goal, rows.output, key, token],
    );
    if (marker === undefined) return 'removed';
    if (!marker.isTheirs) return 'replaced';
    await rows.remove(tx);
    await tx.query(`delete from ${TABLE} where goal = $1 and output = $2`, [goal, rows.output]);
    return 'removed';
  });
}

/** The writer: what an attempt knows of itself. */
export interface RowsOwner {
  readonly goal: string;
  readonly key: string;
  readonly token: string;
}

/** The sinks of this process, for writing rows and reading markers. */
export interface Sinks {
  /** Replaces the rows of one output; `sink` is its name, none for Weir's own database. */
  write(rows: {
    readonly owner: RowsOwner;
    readonly output: string;
    readonly sink: string | undefined;
    readonly write: (writer: never) => Promise<number>;
  }): Promise<RowsReceipt>;
  /** Removes the rows of a result while the place still holds them, and returns whether it did. Repeatable. */
  remove(rows: {
    readonly owner: RowsOwner;
    readonly output: string;
    readonly sink: string | undefined;
    readonly remove: (writer: never) => Promise<unknown>;
  }): Promise<'removed' | 'replaced'>;
  /** The present marker of a place; calls made at the same time share a query. */
  marker(place: SinkPlace & { readonly sink: string | undefined }): Promise<SinkMarker | undefined>;
}

const MARKERS_MAX = 5_000;
/** Key in the marker of a place whose rows were removed. No result has such a key. */
const removedKey = (key: string): string => `removed ${key}`;

/** Collects sinks by name; two with one name are refused. */
export function createSinks(database: Database, given: readonly Sink[] = []): Sinks {
  const own = ownSink(database);
  const find = finderOf([own, ...given]);
  const groups = new Map<string, (place: SinkPlace) => Promise<SinkMarker | undefined>>();
  const groupOf = (name = '') => {
    const sink = find(name);
    const group = groups.get(name) ?? createGroup((places) => sink.markers(places), { itemsMax: MARKERS_MAX });
    groups.set(name, group);
    return group;
  };
  let origin: Promise<string> | undefined;
  const originOf = (): Promise<string> => {
    origin ??= readOrigin(database);
    // A failed query is repeated.
    origin.catch(() => {
      origin = undefined;
    });
    return origin;
  };
  return {
    write: async ({ owner, output, sink: name, write }) => {
      const { goal, key, token } = owner;
      const sink = find(name);
      const isOwn = sink === own;
      const place = { goal, output, key, token, origin: isOwn ? '' : await originOf() };
      const rowCount = await sink.replace(place, async (open) => {
        // The type of the writer is given by the sink's documentation; the task's author chose the sink.
        const written = await write(open.writer as never);
        assertCount(written, output);
        await open.flush();
        await open.mark(written);
        return written;
      });
      const digest = makeRowsDigest({ key, output, rowCount });
      return { kind: 'rows', digest, rowCount, ...(isOwn ? {} : { sink: sink.name }) };
    },
    remove: async ({ owner, output, sink: name, remove }) => {
      const sink = find(name);
      // The type of the writer is given by the sink's documentation; that of Weir's own database is a transaction.
      if (sink === own) return removeOwnRows(database, { owner, output, remove: (tx) => remove(tx as never) });
      const { goal, key, token } = owner;
      const [marker] = await sink.markers([{ goal, output }]);
      if (marker === undefined || marker.key === removedKey(key)) return 'removed';
      if (marker.key !== key) return 'replaced';
      const place = { goal, output, key: removedKey(key), token, origin: await originOf() };
      return sink
        .replace(place, async (open) => {
          await remove(open.writer as never);
          await open.flush();
          await open.mark(0);
          return 'removed' as const;
        })
        .catch((error: unknown) => {
          // Another result was written there since the removal was decided.
          if (error instanceof SinkFencedError) return 'replaced' as const;
          throw error;
        });
    },
    marker: ({ goal, output, sink }) => groupOf(sink)({ goal, output }),
  };
}

function finderOf(sinks: readonly Sink[]): (name?: string) => Sink {
  const byName = new Map<string, Sink>();
  for (const sink of sinks) {
    if (byName.has(sink.name))
      throw new EngineError(
        'sink_invalid',
        `Two sinks are named ${JSON.stringify(sink.name)}. Names are in manifests: rename one.`,
      );
    byName.set(sink.name, sink);
  }
  return (name = '') => {
    const sink = byName.get(name);
    if (sink === undefined) throw unknownSink(name, byName);
    return sink;
  };
}

/** Throws when a task writes to a sink that the engine was not given: at the start, not after an hour of work. */
export function assertSinksKnown(tasks: readonly AnyTask[], given: readonly Sink[] = []): void {
  const names = new Set(given.map(({ name }) => name));
  for (const { name, outputs } of tasks)
    for (const [output, { sink }] of Object.entries(outputs))
      if (sink !== undefined && !names.has(sink))
        throw new EngineError(
          'sink_unknown',
          `Output ${output} of task ${name} goes to the sink ${JSON.stringify(sink)}, which is not among those the engine was given: ${[...names].sort().join(', ') || 'none'}. Add it, or correct the name.`,
        );
}

function unknownSink(name: string, known: ReadonlyMap<string, unknown>): EngineError {
  const names = [...known.keys()].filter((each) => each !== '').sort();
  return new EngineError(
    'sink_unknown',
    `No sink is named ${JSON.stringify(name)}. There are: ${names.join(', ') || 'none'}. Hand it to engine and executor.`,
  );
}

function assertCount(rowCount: unknown, output: string): void {
  if (typeof rowCount === 'number' && Number.isSafeInteger(rowCount) && rowCount >= 0) return;
  throw new TaskError(`write of output ${output} must return how many rows it wrote; got ${String(rowCount)}.`, {
    code: 'output_invalid',
    class: 'user',
  });
}

/** The time of its first migration, to the microsecond, which distinguishes tokens of different databases. */
async function readOrigin(database: Queryable): Promise<string> {
  const [row] = await database.query<{ origin: string }>(
    `select extract(epoch from applied_at)::text as origin from weir.migrations where number = 1`,
  );
  if (row === undefined)
    throw new EngineError(
      'database_unmigrated',
      'Weir’s database has no migration on record, so it has no identity. Start Weir once: that brings the schema up to date.',
    );
  return row.origin;
}
