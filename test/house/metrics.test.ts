import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../src/server/metrics/definitions.ts';
import { createMetrics } from '../../src/server/metrics/metrics.ts';

const all = Object.entries(METRICS);

describe('the page of metrics', () => {
  // `npx vitest run test/house/metrics.test.ts -u` writes it.
  it('lists each metric with its kind, labels and meaning, as the registry has them', async () => {
    const { registry } = createMetrics();
    const registered = registry.getMetricsAsArray().map(({ name }) => name);
    expect(all.map(([name]) => name).filter((name) => !registered.includes(name))).toEqual([]);
    expect(registered.filter((name) => !name.startsWith('process_') && !name.startsWith('nodejs_'))).toEqual(
      all.map(([name]) => name),
    );
    await expect(page()).toMatchFileSnapshot(path.join(import.meta.dirname, '../../docs/metrics.md'));
  });
});

describe('every metric', () => {
  it.each(all)('%s is named by the conventions of Prometheus', (name, { kind, labels, help }) => {
    expect(name).toMatch(/^weir_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith('_total')).toBe(kind === 'counter');
    if (kind === 'histogram') expect(name).toMatch(/_seconds$/);
    expect(name).not.toMatch(/_(ms|milliseconds|mb|kb|minutes|percent)(_|$)/);
    expect(help).toMatch(/^[A-Z1].*\.$/);
    expect(new Set(labels).size).toBe(labels.length);
    expect(labels.filter((label) => ['id', 'run', 'user', 'path', 'le', 'quantile'].includes(label))).toEqual([]);
  });
});

function page(): string {
  const rows = all.map(
    ([name, { kind, labels, help }]) =>
      `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  );
  return `${[
    '# Metrics\n',
    'A test writes this page from the definitions in the source and proves it equal to the registry.\n',
    '`GET /metrics` answers in the text format of Prometheus, or as OpenMetrics when the scraper asks for it. Where a login is',
    'required, give the scraper a key of the role viewer. [Operations](operations.md#metrics) has a configuration and alerts.\n',
    'Counters start at 0 with the process. Those of runs, checks, deliveries and scheduled predictions are read from the',
    'database, so they also count what other processes did; they follow 10 seconds behind, and after more than an hour without',
    'a scrape they count the last hour. A gauge without a value is absent: there is no champion, no window, no answer of the',
    'database.\n',
    '| metric | kind | labels | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    'Besides there are `process_*` and `nodejs_*` of prom-client: processor time, memory, open files, garbage collection, and the',
    'delay of the event loop as `nodejs_eventloop_lag_seconds` with its quantiles.',
    '',
    'The values of labels are bounded: routes by the API, pipelines and channels by project and settings, model versions by 50',
    '(then `other`, until the process starts again).',
  ].join('\n')}\n`;
}
