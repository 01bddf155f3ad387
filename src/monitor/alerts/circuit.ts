/**
 * Whether a channel works, as all processes see it: the circuit breaker of a channel.
 *
 *   closed    --failed, the FAILURES_MAX-th in a row and for FAILING_MS_MIN--> open
 *   closed    --failed because the address or credentials are not valid------> open
 *   open      --its time has come, and an alert is due-----------------------> half-open: that alert is a probe
 *   half-open --accepted--> closed
 *   half-open --failed----> open, twice as long as before
 *   half-open --the process of the probe ended, its lease passed-------------> half-open, with the next probe
 *
 * `accepted` closes it from every state. Moving from open to half-open is one statement in `admit.ts`, so that of many
 * processes only one sends the probe.
 */
export interface Circuit {
  readonly state: 'closed' | 'open' | 'half-open';
  /** In a row. */
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly openedAt: Date | null;
  readonly nextProbeAt: Date | null;
  readonly lastError: string | null;
}

/** The outcome of an attempt, as far as it concerns the channel and not the alert. */
export type CircuitEvent =
  | { readonly kind: 'accepted' }
  | {
      readonly kind: 'failed';
      readonly at: Date;
      readonly error: string;
      /** The address or the credentials are not valid, so that no further alert is accepted either. */
      readonly isGone: boolean;
      /** How long the channel asks to be left alone. */
      readonly retryAfterMs: number;
    };

export interface CircuitStep {
  readonly circuit: Circuit;
  /** Set when it opens or closes: people get an alert of that. */
  readonly change?: 'opened' | 'closed';
}

export const CLOSED: Circuit = {
  state: 'closed',
  failures: 0,
  failingSince: null,
  openedAt: null,
  nextProbeAt: null,
  lastError: null,
};

const FAILURES_MAX = 5;
/** Many alerts fail at once while a server restarts; that alone does not open it. */
const FAILING_MS_MIN = 60_000;
const PROBE_FIRST_MS = 30_000;
const PROBE_MAX_MS = 900_000;

/** The circuit after an attempt. Pure. */
export function nextCircuit(circuit: Circuit, event: CircuitEvent): CircuitStep {
  if (event.kind === 'accepted') return { circuit: CLOSED, ...(circuit.openedAt === null ? {} : { change: 'closed' }) };
  const { at, error, isGone } = event;
  const failures = circuit.failures + 1;
  const failingSince = circuit.failingSince ?? at;
  const failed = { failures, failingSince, lastError: error };
  if (circuit.openedAt !== null) {
    const openedAt = circuit.openedAt;
    return {
      circuit: { ...failed, state: 'open', openedAt, nextProbeAt: nextProbe(event, at.getTime() - openedAt.getTime()) },
    };
  }
  const isFailing = failures >= FAILURES_MAX && at.getTime() - failingSince.getTime() >= FAILING_MS_MIN;
  if (!isFailing && !isGone) return { circuit: { ...failed, state: 'closed', openedAt: null, nextProbeAt: null } };
  return { circuit: { ...failed, state: 'open', openedAt: at, nextProbeAt: nextProbe(event, 0) }, change: 'opened' };
}

// Waiting as long as it has been open already doubles the time between probes, without a count of them.
function nextProbe({ at, retryAfterMs }: Extract<CircuitEvent, { kind: 'failed' }>, openMs: number): Date {
  const pauseMs = Math.min(Math.max(PROBE_FIRST_MS, openMs), PROBE_MAX_MS);
  return new Date(at.getTime() + Math.max(pauseMs, retryAfterMs));
}
