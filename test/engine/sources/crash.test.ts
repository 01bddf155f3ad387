import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listStale } from '#engine';
import { chooseKills } from '../../kills/choose-kills.ts';
import { type KilledEnd, runToKill } from '../../kills/run-to-kill.ts';
import { createFilesWorld } from '../fixtures/files.ts';
import { createWorkbench, type Workbench } from '../fixtures/workbench.ts';

/** Where it kills besides one place of each kind, when it does not kill everywhere. */
const EXTRA = 4;

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(async () => {
  await bench.close();
});

const runUntil = (point: string): Promise<KilledEnd> =>
  runToKill('killed-source', [bench.database.url, bench.folder, point]);

async function runToEnd(): Promise<readonly string[]> {
  const end = await runUntil('nowhere');
  if (end.kind === 'killed') throw new Error('Nobody was to be killed.');
  return end.passed;
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
  it('leaves listing and marks whole at every moment, and comes to the same end', async () => {
    const world = await createFilesWorld(bench.folder);
    const others = ['a', 'd', 'e', 'f', 'g', 'h', 'i'];
    let step = 0;
    const change = async (): Promise<void> => {
      if (step % 2 === 0) await world.write('c', 'c is here');
      else await world.remove('c');
      await world.write('b', 'word '.repeat(step + 1));
      step++;
    };
    for (const name of others) await world.write(name, `${name} is here`);
    await change();
    await runToEnd();
    // Of two kinds of change each passes places that the other does not.
    const passed = new Set<string>();
    for (const _ of ['removed', 'back']) {
      await change();
      for (const point of await runToEnd()) passed.add(point);
    }
    for (const point of chooseKills([...passed], { test: 'sources', extra: EXTRA, pointOf: (each) => each })) {
      await change();
      await runUntil(point);
      await assertWhole();
      await runToEnd();
      await assertWhole();
      const [newest] = await bench.database.query<{ words: number }>(
        `select (outputs->'words'->'value')::integer as words from manifests where task = 'count-all-notes'
         order by manifests.version desc limit 1`,
      );
      const there = others.length + (step % 2);
      expect(newest?.words, `killed at ${point}`).toBe(3 * there + step);
    }
    const open = await bench.database.query(`select 1 from runs where state in ('queued', 'running')`);
    expect(open).toEqual([]);
  });
});
