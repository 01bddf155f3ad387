import type { Database } from '#store';

const DELETED_AT_ONCE = 5_000;

/** Deletes what is older than so many days; gives the number of entries. */
export async function forgetChanges(
  database: Database,
  { ageDaysMax }: { readonly ageDaysMax: number },
): Promise<number> {
  let forgotten = 0;
  for (;;) {
    const deleted = await database.transaction(async (tx) => {
      // The trigger of the table lets nobody else delete.
      await tx.query('set local weir.audit_retention = on');
      return tx.query(
        `delete from audit_log where id in (
           select id from audit_log where at < now() - make_interval(secs => $1 * 86400.0) order by at, id limit $2)
         returning id`,
        [ageDaysMax, DELETED_AT_ONCE],
      );
    });
    forgotten += deleted.length;
    if (deleted.length < DELETED_AT_ONCE) return forgotten;
  }
}
