import { type Queryable, toStorableText } from '#store';
import { MonitorError } from '../errors.ts';
import { type Alert, absoluteLink } from './alert.ts';

/** NOTIFY channel that wakes delivery. */
export const ALERTS_NOTIFICATION = 'weir_alerts';

export interface AlertToRaise extends Alert {
  /** Names of the channels to send it through. */
  readonly channels: readonly string[];
}

/** `raised` is false when the same alert had been raised before; then nothing is written. */
export interface RaisedAlert {
  readonly id: string;
  readonly raised: boolean;
}

// One statement, so that there is never an alert without its deliveries. The notification goes out at commit.
const RAISE = `
  with raised as (
    insert into alerts (dedupe_key, kind, criticality, title, summary, facts, link)
    values ($1, $2, $3, $4, $5, $6::jsonb, $7)
    on conflict (dedupe_key) do nothing
    returning id
  ), owed as (
    insert into alert_deliveries (alert_id, channel, state)
    select raised.id, channel, 'waiting' from raised, (select distinct unnest($8::text[])) as names (channel)
  )
  select id, pg_notify('${ALERTS_NOTIFICATION}', id::text) from raised`;

/** Writes an alert and a waiting delivery for each channel; raising the same one again changes nothing. */
export async function raiseAlert(tx: Queryable, alert: AlertToRaise): Promise<RaisedAlert> {
  const { dedupeKey, kind, criticality, title, summary, facts, link, channels } = alert;
  if (dedupeKey === '' || title === '') {
    throw new MonitorError('alert_invalid', 'Expected an alert with a dedupe key and a title; got an empty one.');
  }
  // The name of a file or a shortened text may contain characters that PostgreSQL cannot store.
  const shown = facts.map((fact) => ({ title: toStorableText(fact.title), value: toStorableText(fact.value) }));
  const [raised] = await tx.query<{ readonly id: string }>(RAISE, [
    toStorableText(dedupeKey),
    kind,
    criticality,
    toStorableText(title),
    toStorableText(summary),
    JSON.stringify(shown),
    link === null ? null : absoluteLink(link),
    channels,
  ]);
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
