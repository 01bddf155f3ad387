import { type Queryable, toStorableText } from '#store';
import { MonitorError } from '../errors.ts';
import { type Alert, absoluteLink } from './alert.ts';
import { type AlertRoute, channelsOf } from './route.ts';

/** NOTIFY channel that wakes delivery. */
export const ALERTS_NOTIFICATION = 'weir_alerts';

export interface AlertToRaise extends Alert {
  /** The configured channels; it is sent through those whose route it matches. */
  readonly channels: readonly AlertRoute[];
  /** When it happened; now unless given. */
  readonly at?: Date;
}

/** `raised` is false when the same alert had been raised before; then nothing is written. */
export interface RaisedAlert {
  readonly id: string;
  readonly raised: boolean;
}

// One statement, so that there is never an alert without its deliveries. The notification goes out at commit.
const RAISE = `
  with raised as (
    insert into alerts (
      dedupe_key, kind, criticality, title, summary, facts, link, state, incident_key, rule_name, group_name, created_at, run_id)
    values ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, $10, $11, coalesce($12, clock_timestamp()), $14)
    on conflict (dedupe_key) do nothing
    returning id, created_at
  ), owed as (
    insert into alert_deliveries (alert_id, channel, state, next_attempt_at, updated_at)
    select raised.id, channel, 'waiting', created_at, created_at
      from raised, (select distinct unnest($13::text[])) as names (channel)
  )
  select id, pg_notify('${ALERTS_NOTIFICATION}', id::text) from raised`;

/** Writes an alert and a waiting delivery for each channel that takes it; raising the same one again changes nothing. */
export async function raiseAlert(tx: Queryable, alert: AlertToRaise): Promise<RaisedAlert> {
  const { dedupeKey, title } = alert;
  if (dedupeKey === '' || title === '') {
    throw new MonitorError('alert_invalid', 'Expected an alert with a dedupe key and a title; got an empty one.');
  }
  const [raised] = await tx.query<{ readonly id: string }>(RAISE, valuesOf(alert));
  if (raised !== undefined) return { id: raised.id, raised: true };
  const [known] = await tx.query<{ readonly id: string }>('select id from alerts where dedupe_key = $1', [
    toStorableText(dedupeKey),
  ]);
  if (known === undefined) {
    throw new MonitorError(
      'alert_invalid',
      `The alert ${dedupeKey} was removed while it was raised again: raise it once more.`,
    );
  }
  return { id: known.id, raised: false };
}

function valuesOf(alert: AlertToRaise): readonly unknown[] {
  const { dedupeKey, kind, criticality, title, summary, facts, link, state = 'firing', at } = alert;
  // The name of a file or a shortened text may contain characters that PostgreSQL cannot store.
  const shown = facts.map((fact) => ({ title: toStorableText(fact.title), value: toStorableText(fact.value) }));
  return [
    toStorableText(dedupeKey),
    kind,
    criticality,
    toStorableText(title),
    toStorableText(summary),
    JSON.stringify(shown),
    link === null ? null : absoluteLink(link),
    state,
    alert.incidentKey === undefined ? null : toStorableText(alert.incidentKey),
    alert.ruleName ?? null,
    alert.group ?? null,
    at ?? null,
    channelsOf(alert, alert.channels),
    alert.runId ?? null,
  ];
}
