import type { Queryable } from '#store';
import { type Circuit, CLOSED } from './circuit.ts';
import type { AlertRoute } from './route.ts';

/** A channel with whether it works. */
export interface ChannelState extends Circuit {
  readonly name: string;
  /** Alerts that wait for it. */
  readonly waiting: number;
  readonly lastAcceptedAt: Date | null;
}

const STATES = `
  select name, coalesce(circuit.state, $2) as state, coalesce(circuit.failures, 0) as failures,
         circuit.failing_since as "failingSince", circuit.opened_at as "openedAt",
         circuit.next_probe_at as "nextProbeAt", circuit.last_error as "lastError",
         (select count(*)::integer from alert_deliveries where channel = name and alert_deliveries.state = 'waiting') as waiting,
         (select max(updated_at) from alert_deliveries
           where channel = name and alert_deliveries.state = 'accepted') as "lastAcceptedAt"
    from unnest($1::text[]) with ordinality as names (name, number)
    left join alert_channels as circuit using (name)
   order by number`;

/** The state of each channel, in their order. */
export async function listChannels(
  database: Queryable,
  channels: readonly AlertRoute[],
): Promise<readonly ChannelState[]> {
  return database.query<ChannelState>(STATES, [channels.map(({ name }) => name), CLOSED.state]);
}
