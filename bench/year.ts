import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { foldCheckCounts } from '#contracts';
import { foldPredictionCounts, preparePredictions } from '#ml';
import { foldRunCounts } from '#monitor';
import { connect, type Database, startEmbeddedPostgres } from '#store';
import { serveCopy } from './serve-copy.ts';
import type { Suite } from './suite.ts';
import { table } from './table.ts';
import { measureAnswers } from './year-answers.ts';
import { type Template, takeTemplate } from './year-template.ts';

const run = promisify(execFile);
const WEIR = fileURLToPath(new URL('../bin/weir.mjs', import.meta.url));

/** With `--large`; else so many that what is kept for 90 days has gone for two months. */
const YEAR_DAYS = 365;
const SHORT_DAYS = 150;
const DAY_MINUTES = 1440;
const DAY_MS = 86_400_000;
/** The cleanup runs every night; here once a week of the simulated clock. */
const CLEANUP_EVERY_DAYS = 7;
/** Days after which the sizes are shown. */
const SHOWN_DAYS = [2, 30, 90, 120, 150, 270, 365];

/** A tick every two or four seconds stands for one every one or two minutes. */
const STRETCH = 30;
const TEMPLATE_MINUTES = 20;
const FAST = {
  WEIR_SCHEDULES__FEED: '*/2 * * * * *',
  WEIR_SCHEDULES__INGEST: '1-59/2 * * * * *',
  WEIR_SCHEDULES__PREDICT: '*/4 * * * * *',
  WEIR_SCHEDULES__MONITOR: '*/20 * * * * *',
  WEIR_SCHEDULES__TRAIN: 'off',
} as const;
const OFF = Object.fromEntries(
  ['FEED', 'INGEST', 'LABELS', 'PREDICT', 'MONITOR', 'TRAIN', 'CLEANUP'].map((name) => [
    `WEIR_SCHEDULES__${name}`,
    'off',
  ]),
);

/** What a year of a pipeline each minute and one every two minutes leaves in the database, and what the pages take over it. */
export const yearSuite: Suite = {
  name: 'year',
  run: async function* ({ folder, say, rounds, large }) {
    const stateFolder = mkdtempSync(path.join(folder, 'year-'));
    const postgres = await startEmbeddedPostgres({ stateFolder, log: () => undefined });
    const database = connect({ url: postgres.url });
    const server = await serveCopy('examples/titanic', folder, { ...FAST, DATABASE_URL: postgres.url });
    try {
      const sizes: Size[] = [];
      const days = large ? YEAR_DAYS : SHORT_DAYS;
      const since = new Date();
      say(`a real server works for ${(TEMPLATE_MINUTES * 60) / STRETCH} seconds`);
      await delay((TEMPLATE_MINUTES * 60_000) / STRETCH);
      const replayAll = async (): Promise<void> => {
        for await (const size of replay(database, { project: server.project, url: postgres.url, since, days, say }))
          sizes.push(size);
      };
      await server.restart(replayAll, { ...OFF, DATABASE_URL: postgres.url });
      yield sizesSection(sizes, days);
      yield await measureAnswers(server.url, { rounds, say });
    } finally {
      await server.remove();
      await database.close();
      await postgres.stop();
      rmSync(stateFolder, { recursive: true });
    }
  },
};

interface Size {
  readonly day: number;
  readonly bytes: number;
  readonly tables: ReadonlyMap<string, { readonly rows: number; readonly bytes: number }>;
  readonly cleanupSeconds: number;
}

interface Replay {
  readonly project: string;
  readonly url: string;
  readonly since: Date;
  readonly days: number;
  readonly say: (line: string) => void;
}

/** Writes the year day by day up to now; retention works on the way, by the cleanup that every project has. */
async function* replay(database: Database, { project, url, since, days, say }: Replay): AsyncGenerator<Size> {
  const template = await takeTemplate(database, { since, minutes: TEMPLATE_MINUTES, stretch: STRETCH });
  const start = new Date(Date.now() - days * DAY_MS);
  let cleanupSeconds = 0;
  for (let day = 0; day < days; day += 1) {
    await fillDay(database, template, { start, day });
    const left = days - 1 - day;
    if (day % CLEANUP_EVERY_DAYS === 0 || left === 0) cleanupSeconds = await cleanUp(project, { url, left });
    if (SHOWN_DAYS.includes(day + 1)) {
      yield { day: day + 1, cleanupSeconds, ...(await sizesOf(database)) };
      say(`day ${day + 1} of ${days}`);
    }
  }
  await template.end();
  await database.query('analyze');
}

async function fillDay(
  database: Database,
  template: Template,
  { start, day }: { readonly start: Date; readonly day: number },
): Promise<void> {
  const from = new Date(start.getTime() + day * DAY_MS);
  await preparePredictions(database, { ageDaysMax: YEAR_DAYS, now: from });
  const copies = DAY_MINUTES / template.minutes;
  await template.copy(from, { first: day * copies, count: copies });
  for (const fold of [foldPredictionCounts, foldCheckCounts, foldRunCounts]) await fold(database);
}

/** The pipeline of the project, on a clock that still has so many days to go: what it keeps is that much older. */
async function cleanUp(
  project: string,
  { url, left }: { readonly url: string; readonly left: number },
): Promise<number> {
  const started = performance.now();
  const env = {
    ...process.env,
    ...OFF,
    DATABASE_URL: url,
    WEIR_CLEANUP__RUN_DAYS: String(90 + left),
    WEIR_CLEANUP__PREDICTION_DAYS: String(365 + left),
    WEIR_CLEANUP__CHECK_DAYS: String(365 + left),
    WEIR_CLEANUP__ALERT_DAYS: String(365 + left),
    WEIR_CLEANUP__UNUSED_DAYS: String(90 + left),
    WEIR_CLEANUP__SUPERSEDED_DAYS: String(30 + left),
    WEIR_CLEANUP__GRACE_HOURS: String(24 * (1 + left)),
  };
  await run(process.execPath, [WEIR, 'run', 'cleanup', '--project', project], { env });
  return (performance.now() - started) / 1000;
}

async function sizesOf(database: Database): Promise<Pick<Size, 'bytes' | 'tables'>> {
  await database.query('vacuum analyze');
  const rows = await database.query<{ name: string; rows: number; bytes: number }>(
    `select coalesce(parent.relname, t.relname) as name, sum(greatest(t.reltuples, 0))::float8 as rows,
            sum(pg_total_relation_size(t.oid))::float8 as bytes
       from pg_class t left join pg_inherits i on i.inhrelid = t.oid left join pg_class parent on parent.oid = i.inhparent
      where t.relnamespace = 'weir'::regnamespace and t.relkind = 'r' group by 1`,
  );
  const tables = new Map(rows.map(({ name, ...size }) => [name, size]));
  return { tables, bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0) };
}

const SHOWN_TABLES = 14;
const MB = 1_000_000;

function sizesSection(sizes: readonly Size[], all: number): string {
  const last = sizes.at(-1);
  const names = [...(last?.tables ?? [])]
    .sort(([, one], [, other]) => other.bytes - one.bytes)
    .slice(0, SHOWN_TABLES)
    .map(([name]) => name);
  const inMb = (bytes: number | undefined): string => ((bytes ?? 0) / MB).toFixed(1);
  const lines = names.map((name) => [
    name,
    ...sizes.map(
      ({ tables }) =>
        `${inMb(tables.get(name)?.bytes)} (${Math.round(tables.get(name)?.rows ?? 0).toLocaleString('en')})`,
    ),
  ]);
  const days = sizes.map(({ day }) => `day ${day}`);
  const sum = ['all', ...sizes.map(({ bytes }) => inMb(bytes))];
  const cleanup = ['a cleanup, s', ...sizes.map(({ cleanupSeconds }) => cleanupSeconds.toFixed(1))];
  return `### ${all} days of a pipeline each minute and one every two: MB (rows) of the largest tables\n\n${table(['', ...days], [...lines, sum, cleanup])}`;
}
