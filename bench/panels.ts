import { readFileSync } from 'node:fs';
import { type Dashboard, driftAndPredictions, ingestedData } from '#monitor';
import type { Database } from '#store';
import { compileQuery } from '../src/monitor/dashboards/macros.ts';
import { withDatabase } from './engine-durable.ts';
import { DAYS, fillPanels, PREDICTIONS_PER_CHECK } from './panels-fill.ts';
import { measurePages } from './past-pages.ts';
import type { BenchOptions, Suite } from './suite.ts';
import { duration, table } from './table.ts';

/** How long the panels of the dashboards take over ninety days of predictions and checks. */
export const panelsSuite: Suite = { name: 'panels', run };

const TO = new Date('2026-03-31T10:00:00Z');
const WINDOWS = [30, 360, 719, 1440, 7 * 1440, 30 * 1440, 90 * 1440] as const;

/** What a panel may take. */
const SLOW_SECONDS = 0.1;

async function* run(options: BenchOptions): AsyncGenerator<string> {
  yield await withDatabase(options.folder, async (database) => {
    await fillPanels(database, { ...options, to: TO });
    const rows: string[][] = [];
    for (const minutes of WINDOWS) rows.push(await measure(database, minutes, options.rounds));
    const heading = `${options.rows} predictions and ${options.rows / PREDICTIONS_PER_CHECK} checks in ${DAYS} days`;
    const columns = [
      ...['window', 'slowest panel', 'its processor time', 'its time'],
      ...['all panels: processor time', 'time, one after the other', 'over 0.1 s'],
    ];
    const pages = await measurePages(database, { to: TO, rounds: options.rounds });
    return `### ${heading}\n\n${table(columns, rows)}\n\n${pages}`;
  });
}

interface Timed {
  readonly id: string;
  readonly seconds: number;
  /** Of PostgreSQL, which does all of the work. */
  readonly processorSeconds: number;
}

async function measure(database: Database, minutes: number, rounds: number): Promise<string[]> {
  const window = { from: new Date(TO.getTime() - minutes * 60_000), to: TO };
  const panels: Timed[] = [];
  for (const { id, sql } of [ingestedData, driftAndPredictions].flatMap(queriesOf)) {
    const query = compileQuery(sql, window);
    const took: Omit<Timed, 'id'>[] = [];
    for (let round = 0; round < rounds; round += 1) took.push(await time(database, query));
    panels.push({
      id,
      seconds: Math.min(...took.map(({ seconds }) => seconds)),
      processorSeconds: Math.min(...took.map(({ processorSeconds }) => processorSeconds)),
    });
  }
  const worst = panels.reduce((one, other) => (other.processorSeconds > one.processorSeconds ? other : one));
  const sumOf = (key: 'seconds' | 'processorSeconds') => panels.reduce((sum, panel) => sum + panel[key], 0);
  const slow = panels.filter(({ seconds }) => seconds > SLOW_SECONDS);
  return [
    ...[spanOf(minutes), worst.id, duration(worst.processorSeconds), duration(worst.seconds)],
    ...[duration(sumOf('processorSeconds')), duration(sumOf('seconds'))],
    slow.map(({ id, seconds }) => `${id} ${duration(seconds)}`).join(', ') || 'none',
  ];
}

/** In one process of the server, so that its processor time is that of the query. */
function time(database: Database, { text, values }: ReturnType<typeof compileQuery>): Promise<Omit<Timed, 'id'>> {
  return database.transaction(async (tx) => {
    await tx.query('set local max_parallel_workers_per_gather = 0');
    const [backend] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
    const start = performance.now();
    const startProcessor = processorSecondsOf(backend?.pid);
    await tx.query(text, [...values]);
    const seconds = (performance.now() - start) / 1000;
    return { seconds, processorSeconds: processorSecondsOf(backend?.pid) - startProcessor };
  });
}

/** As Linux counts it, in nanoseconds; NaN elsewhere. */
function processorSecondsOf(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
  } catch {
    return Number.NaN;
  }
}

function queriesOf({ panels, variables }: Dashboard): readonly { readonly id: string; readonly sql: string }[] {
  return [...panels, ...variables.map(({ name, sql }) => ({ id: `values of ${name}`, sql }))];
}

function spanOf(minutes: number): string {
  return minutes < 1440 ? `${minutes} minutes` : `${minutes / 1440} days`;
}
