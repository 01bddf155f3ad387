import type { Criticality } from '#contracts';
import type { Alert } from './alert.ts';

/** A channel by its name, and which alerts it gets. */
export interface AlertRoute {
  /** Name in the record of deliveries: stable, unique among the configured channels. */
  readonly name: string;
  /** The least critical alerts that it gets; all unless given. */
  readonly criticality?: Criticality;
  /** The kinds of alerts that it gets; all unless given. */
  readonly kinds?: readonly string[];
}

const RANKS: Readonly<Record<Criticality, number>> = { low: 0, medium: 1, high: 2 };

/** Names of the channels that an alert is sent through. The alert of an end takes the routes of that of its problem. */
export function channelsOf(
  { criticality, kind }: Pick<Alert, 'criticality' | 'kind'>,
  routes: readonly AlertRoute[],
): readonly string[] {
  return routes
    .filter((route) => RANKS[criticality] >= RANKS[route.criticality ?? 'low'])
    .filter((route) => route.kinds === undefined || route.kinds.includes(kind))
    .map((route) => route.name);
}
