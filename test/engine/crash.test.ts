import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkbench, type Workbench } from './fixtures/workbench.ts';

const ENTRY = fileURLToPath(new URL('./fixtures/crashing-engine.ts', import.meta.url));
/** A run of this test reaches fewer points than this; a child that passes none of them has finished. */
const POINTS_MAX = 400;

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.close());

async function runUntil(point: number): Promise<'killed' | { readonly state: string }> {
  const child = fork(ENTRY, [bench.database.url, bench.folder, String(point)], {
    execArgv: ['--import', 'tsx', '--conditions=weir-source'],
  });
  let answer: { readonly state: string } | undefined;
  child.on('message', (message: { readonly state: string }) => {
    answer = message;
  });
  const [code, signal] = await once(child, 'exit');
  if (signal === 'SIGKILL') return 'killed';
  if (answer === undefined) throw new Error(`The engine ended with code ${code}.`);
  return answer;
}

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
       (select row_count::integer from sink_markers) as marked`,
  );
  expect(rows?.written).toBe(rows?.marked ?? 0);
  const unbacked = await bench.database.query(
    `select 1 from task_runs t where state = 'succeeded' and not exists (select 1 from manifests m where m.key = t.key)`,
  );
  expect(unbacked).toEqual([]);
}

describe('an engine that is killed', () => {
  it('at every write it makes, one after another, leaves nothing partial and ends its run', async () => {
    let kills = 0;
    for (let point = 1; point < POINTS_MAX; point++) {
      const end = await runUntil(point);
      await assertNothingPartial();
      if (end === 'killed') {
        kills++;
        continue;
      }
      expect(end).toEqual({ state: 'succeeded' });
      break;
    }
    expect(kills).toBeGreaterThan(10);
    const runs = await bench.database.query('select state, settled_at is not null as settled from runs');
    expect(runs.filter(({ state }) => state !== 'succeeded')).toEqual([]);
    expect(await bench.database.query('select 1 from claims')).toEqual([]);
    expect(await bench.database.query('select 1 from owned_rows')).toHaveLength(5);
  }, 600_000);
});
