import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Circuit,
  type CircuitEvent,
  type CircuitStep,
  CLOSED,
  nextCircuit,
} from '../../../src/monitor/alerts/circuit.ts';

const START_MS = Date.parse('2026-03-01T10:00:00Z');
const atSecond = (seconds: number): Date => new Date(START_MS + seconds * 1000);
const failed = (seconds: number, more: Partial<Extract<CircuitEvent, { kind: 'failed' }>> = {}): CircuitEvent => ({
  ...{ kind: 'failed', at: atSecond(seconds), error: `error ${seconds}`, isGone: false, retryAfterMs: 0 },
  ...more,
});

function walk(events: readonly CircuitEvent[]): readonly CircuitStep[] {
  let circuit = CLOSED;
  return events.map((event) => {
    const step = nextCircuit(circuit, event);
    circuit = step.circuit;
    return step;
  });
}
const last = (steps: readonly CircuitStep[]): CircuitStep => steps.at(-1) ?? { circuit: CLOSED };

describe('the circuit breaker of a channel', () => {
  it('opens after five failures in a row over at least a minute', () => {
    const steps = walk([0, 5, 15, 35, 75].map((seconds) => failed(seconds)));
    expect(steps.map(({ circuit, change }) => [circuit.state, change])).toEqual([
      ...Array.from({ length: 4 }, () => ['closed', undefined]),
      ['open', 'opened'],
    ]);
    expect(last(steps).circuit).toEqual({
      ...{ state: 'open', failures: 5, failingSince: atSecond(0), openedAt: atSecond(75), nextProbeAt: atSecond(105) },
      lastError: 'error 75',
    });
  });

  it('stays closed while many alerts fail within a minute', () => {
    const steps = walk(Array.from({ length: 40 }, (_, index) => failed(index)));
    expect(new Set(steps.map(({ circuit }) => circuit.state))).toEqual(new Set(['closed']));
  });

  it('counts failures in a row: one accepted alert begins again', () => {
    const steps = walk([failed(0), failed(30), failed(60), failed(90), { kind: 'accepted' }, failed(100), failed(200)]);
    expect(last(steps).circuit).toMatchObject({ state: 'closed', failures: 2, failingSince: atSecond(100) });
  });

  it('opens at once when the address is not valid', () => {
    expect(last(walk([failed(0, { isGone: true })]))).toMatchObject({ circuit: { state: 'open' }, change: 'opened' });
  });

  it('probes after 30 s, then twice as late each time, up to a quarter of an hour', () => {
    let step = nextCircuit(CLOSED, failed(0, { isGone: true }));
    const waited: number[] = [];
    for (let probe = 0; probe < 8; probe += 1) {
      const at = step.circuit.nextProbeAt ?? new Date(0);
      waited.push((at.getTime() - START_MS) / 1000);
      step = nextCircuit({ ...step.circuit, state: 'half-open' }, failed((at.getTime() - START_MS) / 1000));
    }
    expect(waited).toEqual([30, 60, 120, 240, 480, 960, 1860, 2760]);
  });

  it('does not probe before the channel asked for', () => {
    const { circuit } = nextCircuit(CLOSED, failed(0, { isGone: true, retryAfterMs: 3_600_000 }));
    expect(circuit.nextProbeAt).toEqual(atSecond(3600));
  });

  it('says once that it opened and once that it closed, whatever happens', () => {
    const event = fc.oneof(
      fc.constant<CircuitEvent>({ kind: 'accepted' }),
      fc
        .record({ seconds: fc.nat(10_000), isGone: fc.boolean() })
        .map(({ seconds, isGone }) => failed(seconds, { isGone })),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const steps = walk(events);
        const changes = steps.flatMap(({ change }) => change ?? []);
        expect(changes).toEqual(changes.map((_, index) => (index % 2 === 0 ? 'opened' : 'closed')));
        for (const { circuit } of steps) expect(faultsOf(circuit)).toEqual([]);
      }),
      { numRuns: 200, seed: 25 },
    );
  });
});

/** What the table of channels would refuse. */
function faultsOf({ state, failures, failingSince, openedAt, nextProbeAt }: Circuit): readonly string[] {
  const faults: readonly (readonly [boolean, string])[] = [
    [(state === 'closed') !== (openedAt === null), 'open without a time'],
    [(state === 'closed') !== (nextProbeAt === null), 'open without a probe'],
    [(failures === 0) !== (failingSince === null), 'failing without a time'],
  ];
  return faults.filter(([isFault]) => isFault).map(([, fault]) => fault);
}
