import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listStale } from '#engine';
import { buildEntry } from '../fixtures/build-entry.ts';
import { createFilesWorld } from '../fixtures/files.ts';
import { createWorkbench, type Workbench } from '../fixtures/workbench.ts';

/** Of the fault points every so many is tried, in a world that changes each time. */
const STRIDE = 5;
const POINTS_MAX = 400;
const KILLS_MIN = 15;

let bench: Workbench;
let entry: string;
beforeAll(async () => {
  bench = await createWorkbench();
  entry = await buildEntry(new URL('../fixtures/killed-source.ts', import.meta.url));
});
afterAll(async () => {
  await bench.close();
  await rm(entry, { force: true });
});

async function runUntil(point: number): Promise<'killed' | 'finished'> {
  const child = fork(entry, [bench.database.url, bench.folder, String(point)]);
  const [code, signal] = await once(child, 'exit');
  if (signal === 'SIGKILL') return 'killed';
  if (code !== 0) throw new Error(`The engine ended with code ${code} at point ${point}.`);
  return 'finished';
}

/** Marks are those of what is known to be removed, whole; and every run can still read what it saw. */
async function assertWhole(): Promise<void> {
  const gone = await bench.database.query<{ name: string }>(
    `select distinct name from source_partitions p where not exists (
       select 1 from source_partitions o where o.source = p.source and o.name = p.name and o.until is null)`,
  );
  const marks = (await listStale(bench.database)).map(({ task, params }) => `${task}(${params.name})`);
  const expected = gone.flatMap(({ name }) => [`count-notes(${name})`, `notes-partition(${name})`]);
  expect([...marks].sort()).toEqual(expected.sort());
  const lost = await bench.database.query(
    'select 1 from run_pins p where not exists (select 1 from source_listings l where l.source = p.source and l.number = p.listing)',
  );
  expect(lost).toEqual([]);
}

describe('a run over a source that is killed', () => {
  it('leaves listing and marks whole at every moment, and comes to the same end', { timeout: 600_000 }, async () => {
    const world = await createFilesWorld(bench.folder);
    const others = ['a', 'd', 'e', 'f', 'g', 'h', 'i'];
    for (const name of [...others, 'c']) await world.write(name, `${name} is here`);
    await world.write('b', 'one');
    await runUntil(0);
    let kills = 0;
    let finished = 0;
    for (let step = 0; finished < 2; step++) {
      const point = 1 + step * STRIDE;
      expect(point).toBeLessThan(POINTS_MAX);
      const isThere = step % 2 === 1;
      if (isThere) await world.write('c', 'c is here');
      else await world.remove('c');
      await world.write('b', 'word '.repeat(step + 2));
      const ended = await runUntil(point);
      if (ended === 'killed') kills++;
      else finished++;
      await assertWhole();
      expect(await runUntil(0)).toBe('finished');
      await assertWhole();
      const [newest] = await bench.database.query<{ words: number }>(
        `select (outputs->'words'->'value')::integer as words from manifests where task = 'count-all-notes'
         order by manifests.version desc limit 1`,
      );
      expect(newest?.words).toBe(3 * (others.length + (isThere ? 1 : 0)) + step + 2);
    }
    expect(kills).toBeGreaterThanOrEqual(KILLS_MIN);
    const open = await bench.database.query(`select 1 from runs where state in ('queued', 'running')`);
    expect(open).toEqual([]);
  });
});
