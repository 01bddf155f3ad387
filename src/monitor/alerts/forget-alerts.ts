import type { Queryable } from '#store';

/** Removes alerts raised more than so many days ago, with their deliveries; returns how many. Those of a rule that still fires stay. */
export async function forgetAlerts(
  queryable: Queryable,
  { ageDaysMax }: { readonly ageDaysMax: number },
): Promise<number> {
  const gone = await queryable.query(
    `delete from alerts a where a.created_at < clock_timestamp() - $1 * interval '1 day' and not a.is_held
       and not exists (select 1 from alert_rule_states s where s.rule = a.rule_name and s.told is not null)
     returning 1`,
    [ageDaysMax],
  );
  return gone.length;
}
