import { alert } from '#api';
import { at } from './made-up-times.ts';

/** An alert about a file, with its deliveries. */
export function makeAlert(nowMs: number, index: number) {
  const criticality = (['high', 'medium', 'low'] as const)[index % 3];
  return alert.parse({
    id: `alert-${index}`,
    kind: 'data-quality',
    criticality,
    state: index === 7 ? 'resolved' : 'firing',
    ruleName: index === 6 ? 'bad-rows' : null,
    group: null,
    runId: index % 2 === 0 ? `run-${990 - index}` : null,
    title: `Data problems in passengers-${596 - index}.csv`,
    summary: `age lies between 0 and 100: 21 rows\nclass is one of 1st, 2nd, 3rd, crew: 12 rows${index === 1 ? '\nsex is never empty: 5 rows' : ''}`,
    facts: [
      { title: 'Criticality', value: criticality ?? 'low' },
      { title: 'Rows', value: '100 total, 62 good, 38 bad' },
      { title: 'Digest', value: 'b1946ac92492d2347c6235b4d2611184' },
    ],
    link: index === 4 ? null : `/reports/check-${596 - index}`,
    createdAt: at(nowMs, 4 + index * 17),
    deliveries: [
      {
        channel: 'teams',
        state: (['accepted', 'waiting', 'failed'] as const)[index % 3],
        attempts: index % 3,
        lastError: index % 3 === 2 ? 'Expected a 2xx answer, got 429 Too Many Requests' : null,
      },
      ...(index % 2 === 0 ? [{ channel: 'slack', state: 'accepted', attempts: 1, lastError: null }] : []),
    ],
  });
}
