import { duration, median, quantile, table } from './table.ts';

const ROUNDS_MIN = 20;
const LIMIT = 50;
const DAY_MS = 86_400_000;
/** What a page may wait for one answer. */
const SLOW_SECONDS = 0.05;

interface Measured {
  readonly what: string;
  readonly bytes: number;
  readonly median: number;
  readonly p95: number;
}

/** How long every answer that a page asks for takes, of a server over that time. */
export async function measureAnswers(
  url: string,
  { rounds, say }: { readonly rounds: number; readonly say: (line: string) => void },
): Promise<string> {
  const measured: Measured[] = [];
  for (const [what, path] of Object.entries(await requestsOf(url))) {
    const one = await measure(new URL(path, url), { what, rounds: Math.max(ROUNDS_MIN, rounds) });
    if (one.p95 > SLOW_SECONDS) say(`${what}: ${duration(one.p95)}`);
    measured.push(one);
  }
  const slow = measured.filter(({ p95 }) => p95 > SLOW_SECONDS);
  const rows = measured.map(({ what, bytes, median: middle, p95 }) => [
    what,
    `${(bytes / 1000).toFixed(1)} kB`,
    duration(middle),
    `${duration(p95)}${p95 > SLOW_SECONDS ? ' (slow)' : ''}`,
  ]);
  const heading = `### ${measured.length} answers of the pages over that time: ${slow.length} over ${duration(SLOW_SECONDS)}`;
  return `${heading}\n\n${table(['answer', 'size', 'median', 'p95'], rows)}`;
}

async function measure(
  url: URL,
  { what, rounds }: { readonly what: string; readonly rounds: number },
): Promise<Measured> {
  const seconds: number[] = [];
  let bytes = 0;
  for (let round = 0; round <= rounds; round += 1) {
    const start = performance.now();
    const answer = await fetch(url);
    bytes = (await answer.arrayBuffer()).byteLength;
    if (!answer.ok) throw new Error(`${what}, ${url.pathname}${url.search}, was answered with ${answer.status}.`);
    // The first one warms up.
    if (round > 0) seconds.push((performance.now() - start) / 1000);
  }
  return { what, bytes, median: median(seconds), p95: quantile(seconds, 0.95) };
}

interface Page {
  readonly items: readonly { readonly id: string }[];
  readonly nextCursor: string | null;
}

/** What the pages ask for; a past page of a list begins where its first one ended. */
async function requestsOf(url: string): Promise<Readonly<Record<string, string>>> {
  const page = async (path: string): Promise<Page> => {
    const answer = await fetch(new URL(path, url));
    // The API states the shape of its lists.
    return (await answer.json()) as Page;
  };
  const now = Date.now();
  const at = (days: number): string => encodeURIComponent(new Date(now - days * DAY_MS).toISOString());
  const list = (path: string, query = ''): string => `${path}?limit=${LIMIT}${query}`;
  const runs = await page(list('/api/runs'));
  const checks = await page(list('/api/checks'));
  const predictions = await page(list('/api/past-predictions'));
  const { items: dashboards } = (await (await fetch(new URL('/api/dashboards', url))).json()) as {
    items: readonly { readonly id: string }[];
  };
  const [run, check, prediction] = [runs, checks, predictions].map(({ items }) => items[0]?.id ?? '');
  const windows = { '30 minutes': 1 / 48, day: 1, week: 7, '30 days': 30, '90 days': 90, year: 365 };
  return {
    project: '/api/project',
    health: '/api/health',
    schedules: '/api/schedules',
    files: '/api/files',
    database: '/api/database',
    datasets: '/api/datasets',
    models: '/api/models',
    'performance of 90 days': '/api/models/performance?days=90',
    drift: '/api/drift',
    'windows of drift': '/api/drift/windows',
    alerts: list('/api/alerts'),
    'rules of alerts': '/api/alert-rules',
    'audit log': list('/api/audit-log'),
    runs: list('/api/runs'),
    'runs, the next page': list('/api/runs', `&cursor=${encodeURIComponent(runs.nextCursor ?? '')}`),
    'runs of ingest': list('/api/runs', '&pipeline=ingest'),
    'runs that failed': list('/api/runs', '&state=failed'),
    'runs, the longest first': list('/api/runs', '&sort=-took'),
    'runs by a word': list('/api/runs', '&search=passengers'),
    'a run': `/api/runs/${run}`,
    checks: list('/api/checks'),
    'checks, the next page': list('/api/checks', `&cursor=${encodeURIComponent(checks.nextCursor ?? '')}`),
    'checks that failed': list('/api/checks', '&verdict=fail'),
    'checks of a week in the past': list('/api/checks', `&from=${at(200)}&to=${at(193)}`),
    'checks by a word': list('/api/checks', '&search=passengers-12'),
    'checks by a word that none has': list('/api/checks', '&search=nowhere'),
    'a check': `/api/checks/${encodeURIComponent(check ?? '')}`,
    predictions: list('/api/past-predictions'),
    'predictions, the next page': list(
      '/api/past-predictions',
      `&cursor=${encodeURIComponent(predictions.nextCursor ?? '')}`,
    ),
    'predictions of a week in the past': list('/api/past-predictions', `&from=${at(200)}&to=${at(193)}`),
    'predictions of a class': list('/api/past-predictions', '&prediction=yes'),
    ...(prediction === '' ? {} : { 'a prediction': `/api/past-predictions/${prediction}` }),
    ...Object.fromEntries(
      dashboards.flatMap(({ id }) =>
        Object.entries(windows).map(([name, days]) => [
          `dashboard ${id}, ${name}`,
          `/api/dashboards/${id}?from=${at(days)}&to=${at(0)}`,
        ]),
      ),
    ),
  };
}
