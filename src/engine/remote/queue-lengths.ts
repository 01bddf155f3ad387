import type { Queryable } from '#store';
import { partsOfQueue, QUEUE_SCHEMA } from './queue-name.ts';

/** Goals and batches of one label and runtime that no worker has begun. */
export interface QueueLength {
  readonly label: string;
  readonly runtime: string;
  readonly waiting: number;
}

/** How much waits for workers, by label and runtime; undefined where pg-boss has never brought anything. */
export async function queueLengths(queryable: Queryable): Promise<readonly QueueLength[] | undefined> {
  const [known] = await queryable.query<{ isThere: boolean }>(
    `select to_regclass('${QUEUE_SCHEMA}.job') is not null as "isThere"`,
  );
  if (known?.isThere !== true) return undefined;
  const rows = await queryable.query<{ name: string; waiting: number }>(
    `select name, count(*)::integer as waiting from ${QUEUE_SCHEMA}.job
      where state in ('created', 'retry') and name like '%/%' group by name order by name`,
  );
  return rows.map(({ name, waiting }) => ({ ...partsOfQueue(name), waiting }));
}
