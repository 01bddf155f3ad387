import type { Queryable } from './database.ts';

/** What a table of counts has: the keys of a row, what is summed, and what is kept of several rows by a function. */
interface Counted {
  readonly keys: readonly string[];
  readonly sums: readonly string[];
  readonly others?: Readonly<Record<string, string>>;
}

export interface Counts extends Counted {
  /** Of the tables without the endings `_arrived` and `_folded`. */
  readonly name: string;
}

export interface Addition extends Counted {
  /** The table of counts by the minute and the hour. */
  readonly into: string;
  /** SQL of the rows to add, each with its `minute`. */
  readonly from: string;
}

/** The aggregate that does for many rows what the function does for two. */
const AGGREGATES: Readonly<Record<string, string>> = { least: 'min', greatest: 'max' };

/**
 * SQL that adds the counts that arrived since the last time to those by the minute and the hour. Any number of processes
 * may run it at once.
 */
export function foldCountsSql({ name, ...counted }: Counts): string {
  // Moved in one statement, so that no reader sees a count twice or not at all.
  return `
  with moved as (delete from ${name}_arrived returning *)${addCountsSql({ into: `${name}_folded`, from: 'moved', ...counted })}`;
}

export interface EmptyCounts {
  /** Of the tables without the endings `_arrived` and `_folded`. */
  readonly name: string;
  /** Columns that are all 0 in a row that counts nothing any more. */
  readonly sums: readonly string[];
  readonly ageDaysMax: number;
}

/** Deletes the rows of more than so many days ago whose counted things are gone: what is removed is subtracted, and leaves zeros. */
export async function forgetEmptyCounts(queryable: Queryable, { name, sums, ageDaysMax }: EmptyCounts): Promise<void> {
  await queryable.query(
    `delete from ${name}_folded where at < clock_timestamp() - $1 * interval '1 day' and ${sums.map((sum) => `${sum} = 0`).join(' and ')}`,
    [ageDaysMax],
  );
}

/** SQL that adds counts to those by the minute and the hour. */
export function addCountsSql({ into, from, keys, sums, others = {} }: Addition): string {
  const places = Array.from({ length: keys.length + 2 }, (_, index) => index + 1).join(', ');
  const kept = Object.entries(others);
  const columns = [...keys, ...sums, ...kept.map(([column]) => column)].join(', ');
  const aggregates = [
    ...sums.map((column) => `sum(${column})`),
    ...kept.map(([column, choose]) => `${AGGREGATES[choose]}(${column})`),
  ];
  const changes = [
    ...sums.map((column) => `${column} = folded.${column} + excluded.${column}`),
    ...kept.map(([column, choose]) => `${column} = ${choose}(folded.${column}, excluded.${column})`),
  ];
  // In the order of the keys, so that another that adds waits for this in one direction only.
  return `
  insert into ${into} as folded (width, at, ${columns})
  select width, date_bin(width, minute, 'epoch'), ${keys.join(', ')}, ${aggregates.join(', ')}
    from ${from}, (values (interval '1 minute'), (interval '1 hour')) as widths (width)
   group by ${places} order by ${places}
  on conflict (width, at, ${keys.join(', ')}) do update set ${changes.join(', ')}`;
}
