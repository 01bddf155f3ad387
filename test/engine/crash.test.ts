import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseKills } from '../kills/choose-kills.ts';
import { type KilledEnd, runToKill } from '../kills/run-to-kill.ts';
import { emptyTables } from '../postgres/empty-tables.ts';
import { CRASH_SCENARIOS, driveScenario } from './fixtures/crash-scenarios.ts';
import { CREATE_DELIVERED } from './fixtures/sink-tasks.ts';
import { createWorkbench, type Workbench } from './fixtures/workbench.ts';

/** Where it kills besides one place of each kind, when it does not kill everywhere. */
const EXTRA = 1;

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
  await bench.database.query(CREATE_DELIVERED);
});
afterAll(async () => {
  await bench.close();
});

/** Nothing is known, nothing is stored. */
async function forgetAll(): Promise<void> {
  await emptyTables(bench.database);
  await bench.database.query('drop schema if exists warehouse cascade');
  for await (const { digest } of bench.artifacts.list()) await bench.artifacts.delete(digest);
  for (const name of await readdir(bench.folder))
    if (name !== 'artifacts') await rm(path.join(bench.folder, name), { recursive: true, force: true });
}

const runUntil = ({ scenario, point }: Place): Promise<KilledEnd> =>
  runToKill('crashing-engine', { databases: [bench.database], args: [bench.folder, scenario, point] });

/** What must hold at every moment, whatever was killed when. */
async function assertNothingPartial(): Promise<void> {
  const manifests = await bench.database.query<{
    outputs: Record<string, { kind: string; digest: string; sizeBytes: number; path: string; value?: unknown }>;
  }>('select outputs from manifests');
  for (const { outputs } of manifests) {
    for (const output of Object.values(outputs)) {
      if (output.kind === 'blob' || (output.kind === 'value' && output.value === undefined))
        expect(await bench.artifacts.stat(output.digest)).toMatchObject({ sizeBytes: output.sizeBytes });
      if (output.kind === 'file') expect(await readFile(output.path, 'utf8')).toBe('whole');
    }
  }
  const placed = await readFile(path.join(bench.folder, 'placed.txt'), 'utf8').catch(() => 'absent');
  expect(['whole', 'absent']).toContain(placed);
  const [rows] = await bench.database.query<{ written: number; marked: number | null }>(
    `select (select count(*)::integer from owned_rows) as written,
       (select row_count::integer from sink_markers where goal in (select goal from task_runs where task = 'write-rows')) as marked`,
  );
  expect(rows?.written).toBe(rows?.marked ?? 0);
  expect(await deliveredRows()).toBe(await deliveredMarked());
  const unbacked = await bench.database.query(
    `select 1 from task_runs t where state = 'succeeded' and not exists (select 1 from manifests m where m.key = t.key)`,
  );
  expect(unbacked).toEqual([]);
}

async function deliveredRows(): Promise<number> {
  const [found] = await bench.database.query<{ count: number }>('select count(*)::integer from public.delivered');
  return found?.count ?? 0;
}

async function deliveredMarked(): Promise<number> {
  const [there] = await bench.database.query<{ name: string | null }>(
    `select to_regclass('warehouse.markers')::text as name`,
  );
  if ((there?.name ?? null) === null) return 0;
  const [found] = await bench.database.query<{ rows: number | null }>(
    'select row_count::integer as rows from warehouse.markers',
  );
  return found?.rows ?? 0;
}

/** What every goal came to, which no kill may change. */
async function results(): Promise<unknown> {
  return bench.database.query('select goal, key, inputs, outputs, trace from manifests order by goal');
}

/** What an engine has begun and not ended. */
const unfinished = (): Promise<readonly unknown[]> =>
  bench.database.query(
    `select 'run' as what from runs where state <> 'succeeded' or settled_at is null
     union all select 'task run' from task_runs where state not in ('succeeded', 'cached')
     union all select 'attempt' from attempts where outcome is null
     union all select 'claim' from claims union all select 'pool lease' from pool_leases`,
  );

/** A fault point that a scenario passes. */
interface Place {
  readonly scenario: string;
  readonly point: string;
}

/** What a scenario leaves when nobody kills it, and the fault points on its way. */
async function undisturbed(scenario: string) {
  await forgetAll();
  const end = await runUntil({ scenario, point: 'nowhere' });
  if (end.kind === 'killed') throw new Error('Nobody was to be killed.');
  expect(end.answer).toBe('succeeded');
  return { scenario, expected: await results(), places: end.passed.map((point) => ({ scenario, point })) };
}

describe('an engine that is killed at any of its writes', () => {
  let chosen: readonly Place[] = [];
  const expected = new Map<string, unknown>();
  beforeAll(async () => {
    const all: Place[] = [];
    const ofEach: Place[] = [];
    for (const scenario of Object.keys(CRASH_SCENARIOS)) {
      const left = await undisturbed(scenario);
      expected.set(scenario, left.expected);
      all.push(...left.places);
      ofEach.push(...chooseKills(left.places, { test: scenario, extra: 0, pointOf: () => scenario }));
    }
    const ofEachKind = chooseKills(all, { test: 'engine', extra: EXTRA, pointOf: ({ point }) => point });
    // A scenario without a kill would prove nothing.
    chosen = [...new Set([...ofEachKind, ...ofEach])];
  });

  it.each(Object.keys(CRASH_SCENARIOS))(
    'in a run with %s, leaves nothing partial and comes to the same results',
    async (scenario) => {
      const places = chosen.filter((each) => each.scenario === scenario);
      expect(places).not.toEqual([]);
      for (const place of places) {
        const where = `killed at ${place.point}`;
        await forgetAll();
        const end = await runUntil(place);
        // What goes on side by side may be grouped in fewer statements this time; the first of each name always comes.
        if (end.kind === 'finished' && !place.point.endsWith(' 1') && !end.passed.includes(place.point)) continue;
        expect(end, where).toEqual({ kind: 'killed' });
        await assertNothingPartial();
        expect(await driveScenario({ ...bench, scenario }), where).toBe('succeeded');
        await assertNothingPartial();
        expect(await results(), where).toEqual(expected.get(scenario));
        expect(await unfinished(), where).toEqual([]);
      }
    },
  );
});
