import type { Criticality } from '#contracts';
import type { Alert } from './alert.ts';
import { DELIVERY_KIND } from './channel-alerts.ts';

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

/**
 * Routes for an alert about a channel: those of the others. Where none of them takes the kind of such alerts they all
 * do, because nobody would learn of it else.
 */
export function routesAround(channel: string, routes: readonly AlertRoute[]): readonly AlertRoute[] {
  const others = routes.filter(({ name }) => name !== channel);
  const isTaken = channelsOf({ criticality: 'high', kind: DELIVERY_KIND }, others).length > 0;
  return isTaken ? others : others.map(({ name }) => ({ name }));
}
