import type { Queryable } from '#store';
import { MonitorError } from '../errors.ts';
import type { RecordedChange } from './changes.ts';

export interface Mute extends RecordedChange {
  readonly from: Date;
  readonly until: Date;
}

const OPEN = 'ended_at is null and ends_at > $1';

/** Adds a window in which a rule gives no notices. */
export async function muteRule(
  queryable: Queryable,
  { rule, from, until, by, reason }: Mute & { readonly rule: string },
): Promise<void> {
  await queryable.query(
    'insert into alert_mutes (rule, starts_at, ends_at, actor, reason) values ($1, $2, $3, $4, $5)',
    [rule, from, until, by, reason],
  );
}

/** Ends the windows of a rule that are open or to come. */
export async function unmuteRule(
  queryable: Queryable,
  { rule, at, by, reason }: RecordedChange & { readonly rule: string; readonly at: Date },
): Promise<void> {
  const ended = await queryable.query(
    `update alert_mutes set ended_at = $1, ended_by = $3, ended_reason = $4 where ${OPEN} and rule = $2 returning id`,
    [at, rule, by, reason],
  );
  if (ended.length === 0) throw new MonitorError('alert_rule_unchanged', `The alert rule ${rule} is not muted.`);
}

/** The mute of each rule that is open at a moment, or else begins next. */
export async function mutesAt(queryable: Queryable, at: Date): Promise<ReadonlyMap<string, Mute>> {
  const rows = await queryable.query<Mute & { readonly rule: string }>(
    `select distinct on (rule) rule, starts_at as "from", ends_at as until, actor as by, reason
       from alert_mutes where ${OPEN} order by rule, greatest(starts_at, $1), ends_at desc`,
    [at],
  );
  return new Map(rows.map(({ rule, ...mute }) => [rule, mute]));
}

export const isMutedAt = (mute: Mute | undefined, at: Date): boolean => mute !== undefined && mute.from <= at;
