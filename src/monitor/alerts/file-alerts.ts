/*
 * Alerts of files, few notices for many bad files: the first is sent at once, and those of the next WINDOW_MS are held
 * and sent together, unless one is more critical than all that were sent. All of them are on record from the start.
 */
import type { Criticality } from '#contracts';
import type { Queryable } from '#store';
import { type AlertToRaise, type RaisedAlert, raiseAlert } from './raise.ts';
import type { AlertRoute } from './route.ts';

const WINDOW_MINUTES = 15;
const SUMMARY_FILES_MAX = 10;
const KIND = 'data-quality';
const RANKS: readonly Criticality[] = ['low', 'medium', 'high'];

const LOCK = "select pg_advisory_xact_lock(hashtextextended('weir alerts of files', 0))";
const SENT = `
  select criticality, is_held as "isHeld" from alerts
   where kind = '${KIND}' and grouped_into is null
     and (is_held or created_at > coalesce($1, clock_timestamp()) - interval '${WINDOW_MINUTES} minutes'
                     and created_at <= coalesce($1, clock_timestamp()))`;

interface SentAlert {
  readonly criticality: Criticality;
  readonly isHeld: boolean;
}

/** Raises the alert of a file; it is held when others were sent just before. */
export async function raiseFileAlert(tx: Queryable, alert: AlertToRaise): Promise<RaisedAlert> {
  // Without it, two files that are checked at once would both be the first.
  await tx.query(LOCK);
  // Also behind one that is held, which would wait for ever else: each window would begin with a new file.
  const others = await tx.query<SentAlert>(SENT, [alert.at ?? null]);
  const isHeld = others.some(({ criticality }) => RANKS.indexOf(criticality) >= RANKS.indexOf(alert.criticality));
  const raised = await raiseAlert(tx, isHeld ? { ...alert, channels: [] } : alert);
  if (isHeld && raised.raised) await tx.query('update alerts set is_held = true where id = $1', [raised.id]);
  return raised;
}

interface HeldAlert {
  readonly id: string;
  readonly title: string;
  readonly criticality: Criticality;
  readonly created_at: Date;
}

export interface HeldOptions {
  readonly at: Date;
  readonly channels: readonly AlertRoute[];
}

/** Sends the alerts that were held in one notice, once the window since the last one has passed. */
export async function raiseHeldAlerts(tx: Queryable, { at, channels }: HeldOptions): Promise<void> {
  const held = await tx.query<HeldAlert>(
    'select id, title, criticality, created_at from alerts where is_held and created_at <= $1 order by created_at, id',
    [at],
  );
  const [first] = held;
  if (first === undefined) return;
  await tx.query(LOCK);
  const others = await tx.query<SentAlert>(SENT, [at]);
  if (others.some(({ isHeld }) => !isHeld)) return;
  const { id } = await raiseAlert(tx, { ...toSummary(held, first), at, channels });
  await tx.query('update alerts set is_held = false, grouped_into = $2 where id = any($1::bigint[])', [
    held.map((alert) => alert.id),
    id,
  ]);
}

function toSummary(held: readonly HeldAlert[], first: HeldAlert): Omit<AlertToRaise, 'channels'> {
  const worst = RANKS.findLast((rank) => held.some(({ criticality }) => criticality === rank)) ?? 'low';
  const shown = held.slice(0, SUMMARY_FILES_MAX);
  const left = held.length - shown.length;
  const files = held.length === 1 ? 'One more file has' : `${held.length} more files have`;
  return {
    dedupeKey: `${KIND}/more/${first.id}`,
    ...{ kind: KIND, criticality: worst, link: null },
    title: `${files} data problems`,
    summary: [
      ...shown.map(({ title, criticality }) => `- ${title} (${criticality})`),
      ...(left > 0 ? [`- and ${left} more on the page of alerts`] : []),
    ].join('\n'),
    facts: [
      { title: 'Criticality', value: worst },
      { title: 'Files', value: String(held.length) },
      { title: 'Since', value: first.created_at.toISOString() },
    ],
  };
}
