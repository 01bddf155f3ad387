import { type AlertChannel, routes } from '#api';
import { at } from './made-up-times.ts';

/** A channel that works, one that fails for an hour, and one that has just failed once. */
export function makeAlertChannels(nowMs: number): AlertChannel[] {
  const usual = {
    ...{ criticality: 'low', kinds: [], state: 'closed', failures: 0, failingSince: null, openedAt: null },
    ...{ nextProbeAt: null, lastError: null, waiting: 0, lastAcceptedAt: at(nowMs, 4) },
  };
  const items = [
    { name: 'teams', kind: 'teams', ...usual },
    {
      ...{ ...usual, name: 'slack', kind: 'slack', criticality: 'medium', state: 'open', failures: 12, waiting: 3 },
      ...{ failingSince: at(nowMs, 61), openedAt: at(nowMs, 60), nextProbeAt: at(nowMs, -4) },
      ...{ lastError: 'Expected a 2xx answer, got 404 Not Found', lastAcceptedAt: null },
    },
    { ...usual, name: 'on-call', kind: 'pagerduty', criticality: 'high', failures: 1, lastError: 'No answer in 10 s' },
  ];
  return routes.alertChannels.answer.parse({ items }).items;
}

/** What came of a test message to a channel. */
export function makeChannelTest({ name, state, lastError }: AlertChannel): unknown {
  const outcome = state === 'closed' ? 'accepted' : 'refused';
  return routes.testAlertChannel.answer.parse({ channel: name, outcome, reason: lastError, durationMs: 120 });
}

/** The log of an alert that was accepted on the second attempt. */
export function makeAttempts(nowMs: number): unknown {
  const attempt = (number: number, given: object) => ({
    ...{ channel: 'teams', attempt: number, startedAt: at(nowMs, 6 - number), endedAt: at(nowMs, 6 - number) },
    ...{ durationMs: 210, outcome: 'accepted', error: null, ...given },
  });
  const items = [attempt(2, {}), attempt(1, { outcome: 'unavailable', error: 'got 429 Too Many Requests' })];
  return routes.alertAttempts.answer.parse({ items, nextCursor: null });
}
