import type { Queryable } from '#store';

/** Reads what no table remembers, by the name of the gauge. */
export type GaugeReaders = Readonly<Record<string, () => Promise<number>>>;

const KEPT_DAYS = 2;

/** Samples gauges for rules that look back; one that cannot be read is left out. */
export async function sampleGauges(
  queryable: Queryable,
  readers: GaugeReaders,
  { at, onError }: { readonly at: Date; readonly onError: (error: unknown) => void },
): Promise<void> {
  const values = await Promise.all(
    Object.entries(readers).map(async ([gauge, read]) => {
      const value = await read().catch((error: unknown) => onError(error));
      return typeof value === 'number' ? [{ gauge, at, value }] : [];
    }),
  );
  await queryable.query(
    `insert into gauges select gauge, at, value from jsonb_populate_recordset(null::gauges, $1::jsonb)
     on conflict do nothing`,
    [JSON.stringify(values.flat())],
  );
  await queryable.query(`delete from gauges where at < $1::timestamptz - interval '${KEPT_DAYS} days'`, [at]);
}
