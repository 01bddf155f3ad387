/** What a table of counts has: the keys of a row, what is summed, and what is kept of several rows by a function. */
export interface Counts {
  /** Of the tables without the endings `_arrived` and `_folded`. */
  readonly name: string;
  readonly keys: readonly string[];
  readonly sums: readonly string[];
  readonly others?: Readonly<Record<string, string>>;
}

/** The aggregate that does for many rows what the function does for two. */
const AGGREGATES: Readonly<Record<string, string>> = { least: 'min', greatest: 'max' };

/**
 * SQL that adds the counts that arrived since the last time to those by the minute and the hour. Any number of processes
 * may run it at once.
 */
// Moved in one statement, so that no reader sees a count twice or not at all. In the order of the keys, so that another
// that folds waits for this in one direction only.
export function foldCountsSql({ name, keys, sums, others = {} }: Counts): string {
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
  return `
  with moved as (delete from ${name}_arrived returning *)
  insert into ${name}_folded as folded (width, at, ${columns})
  select width, date_bin(width, minute, 'epoch'), ${keys.join(', ')}, ${aggregates.join(', ')}
    from moved, (values (interval '1 minute'), (interval '1 hour')) as widths (width)
   group by ${places} order by ${places}
  on conflict (width, at, ${keys.join(', ')}) do update set ${changes.join(', ')}`;
}
