import { type Dashboard, driftAndPredictions, ingestedData } from '#monitor';
import type { Database } from '#store';
import { compileQuery } from '../src/monitor/dashboards/macros.ts';
import { withDatabase } from './engine-durable.ts';
import { DAYS, fillPanels, PREDICTIONS_PER_CHECK } from './panels-fill.ts';
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
    const columns = ['window', 'slowest panel', 'it takes', 'all panels, one after the other', 'over 0.1 s'];
    return `### ${heading}\n\n${table(columns, rows)}`;
  });
}

interface Timed {
  readonly id: string;
  readonly seconds: number;
}

async function measure(database: Database, minutes: number, rounds: number): Promise<string[]> {
  const window = { from: new Date(TO.getTime() - minutes * 60_000), to: TO };
  const panels: Timed[] = [];
  for (const { id, sql } of [ingestedData, driftAndPredictions].flatMap(queriesOf)) {
    const { text, values } = compileQuery(sql, window);
    const took: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const start = performance.now();
      await database.query(text, [...values]);
      took.push((performance.now() - start) / 1000);
    }
    panels.push({ id, seconds: Math.min(...took) });
  }
  const slowest = panels.reduce((worst, panel) => (panel.seconds > worst.seconds ? panel : worst));
  const all = panels.reduce((sum, { seconds }) => sum + seconds, 0);
  const slow = panels.filter(({ seconds }) => seconds > SLOW_SECONDS);
  const named = slow.map(({ id, seconds }) => `${id} ${duration(seconds)}`).join(', ');
  return [spanOf(minutes), slowest.id, duration(slowest.seconds), duration(all), named || 'none'];
}

function queriesOf({ panels, variables }: Dashboard): readonly { readonly id: string; readonly sql: string }[] {
  return [...panels, ...variables.map(({ name, sql }) => ({ id: `values of ${name}`, sql }))];
}

function spanOf(minutes: number): string {
  return minutes < 1440 ? `${minutes} minutes` : `${minutes / 1440} days`;
}
