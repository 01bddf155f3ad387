import { type DashboardRows, dashboardRows } from '#api';
import { makeRandom } from './random.ts';

const POINTS = 30;

/** What the panels' queries would return over a window that ends at `nowMs`. */
export function makePanelRows(nowMs: number, minutes: number): DashboardRows {
  const random = makeRandom(3);
  const stepMs = Math.ceil((minutes * 60) / POINTS) * 1000;
  const times = Array.from({ length: POINTS }, (_, index) => new Date(nowMs - (POINTS - index) * stepMs).toISOString());
  const over = (value: (index: number) => number, metric?: string) =>
    times.map((time, index) => ({ time, value: value(index), ...(metric === undefined ? {} : { metric }) }));
  const panel = (rows: object[], error?: string) => ({ rows, ...(error === undefined ? {} : { error }) });
  return dashboardRows.parse({
    from: new Date(nowMs - minutes * 60_000).toISOString(),
    to: new Date(nowMs).toISOString(),
    bucketSeconds: stepMs / 1000,
    variables: { column: ['fare', 'weight'], source: ['orders'], version: ['churn@2', 'churn@3'] },
    panels: {
      'invalid-now': panel([{ value: 7.42 }]),
      files: panel([{ value: '28' }]),
      'last-file': panel([{ value: 42 }]),
      quarantine: panel([{ value: null }]),
      invalid: panel(over((index) => 4 + 9 * Math.abs(Math.sin(index / 5)) + random() * 8)),
      rows: panel([
        ...over(() => 80 + Math.round(random() * 20), 'good'),
        ...over(() => Math.round(random() * 14), 'bad'),
        ...over(() => Math.round(random() * 2), 'rejected'),
      ]),
      heat: panel(
        ['amount is at least 0', 'kind is known', 'since is a day'].flatMap((metric) =>
          over(() => Math.max(0, Math.round(random() * 9 - 5)), metric),
        ),
      ),
      problems: panel([
        { category: 'out-of-range', value: 210 },
        { category: 'unknown-category', value: 121 },
        { category: 'missing-value', value: 48 },
        { category: 'missing-column', value: 12 },
      ]),
      duration: panel([...over(() => 12 + random() * 9, 'p50'), ...over(() => 25 + random() * 30, 'p95')]),
      latest: panel(
        times.slice(0, 12).map((time, index) => ({
          file: `passengers-${600 - index}.csv`,
          verdict: ['pass', 'warn', 'fail'][index % 3],
          rows: 100,
          invalid: index * 3,
          checked_at: time,
          report: `/reports/check-${600 - index}`,
        })),
      ),
      broken: panel([], 'column "quarantined_bytes" does not exist'),
      nothing: panel([]),
      'by-source': panel([
        ...over(() => Math.round(random() * 40), 'scheduled'),
        ...over(() => Math.round(random() * 6), 'webapp'),
      ]),
      classes: panel([
        { metric: 'no', value: 64.2 },
        { metric: 'yes', value: 35.8 },
      ]),
      drift: panel(
        ['class', 'sex', 'age'].flatMap((metric, place) =>
          over((index) => 0.1 + place * 0.2 + (place === 2 ? index * 0.018 : 0) + random() * 0.08, metric),
        ),
      ),
    },
  });
}

/** The same panels while nothing was recorded. */
export function withoutRows(shown: DashboardRows): DashboardRows {
  const panels = Object.keys(shown.panels).map((panel) => [panel, { rows: [] }]);
  return dashboardRows.parse({ ...shown, panels: Object.fromEntries(panels) });
}
