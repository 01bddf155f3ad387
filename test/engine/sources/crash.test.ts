import { stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listStale } from '#engine';
import { chooseKills } from '../../kills/choose-kills.ts';
import { type KilledEnd, runToKill } from '../../kills/run-to-kill.ts';
import { countFiles } from '../fixtures/count-files.ts';
import { createFilesWorld } from '../fixtures/files.ts';
import { createWorkbench, type Workbench } from '../fixtures/workbench.ts';

/** Where it kills besides one place of each kind of write that only sources make, when it does not kill everywhere. */
const EXTRA = 1;
const isOwn = (name: string): boolean => /source_|stale_goals|run_pins/.test(name);
/** A file is remembered when it has been there for longer. */
const SETTLED_MS = 2_000;

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(async () => {
  await bench.close();
});

const runUntil = (point: string): Promise<KilledEnd> =>
  runToKill('killed-source', { databases: [bench.database], args: [bench.folder, point] });

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

/** What became of a file since the run before. */
type Change = 'back' | 'removed';

/** A fault point, and the change after which a run passes it. */
interface Place {
  readonly after: Change;
  readonly point: string;
}

describe('a run over a source that is killed', () => {
  it('leaves listing and marks whole at every moment, and comes to the same end', async () => {
    const world = await createFilesWorld(bench.folder);
    const others = ['a', 'd', 'e', 'f', 'g', 'h', 'i'];
    let step = 0;
    const nextChange = (): Change => (step % 2 === 0 ? 'back' : 'removed');
    const change = async (): Promise<void> => {
      if (nextChange() === 'back') await world.write('c', 'c is here');
      else await world.remove('c');
      await world.write('b', 'word '.repeat(step + 1));
      step++;
      // Every run remembers the digests of the others and forgets that of one that is gone.
      await bench.database.query('delete from source_memos');
      await bench.database.query(`insert into source_memos (source, name, digest, memo) values ('notes', 'c', '', '')`);
    };
    for (const name of others) await world.write(name, `${name} is here`);
    const { ctimeMs } = await stat(path.join(bench.folder, 'notes', `${others.at(-1)}.txt`));
    await expect.poll(() => Date.now()).toBeGreaterThan(ctimeMs + SETTLED_MS);
    await change();
    await countFiles(bench);
    // A run after one kind of change passes places that one after the other does not.
    const places: Place[] = [];
    for (const after of ['removed', 'back'] as const) {
      expect(nextChange()).toBe(after);
      await change();
      for (const point of await runToEnd()) places.push({ after, point });
    }
    const chosen = chooseKills(places, {
      ...{ test: 'sources', extra: EXTRA, isOwn },
      pointOf: (place) => place.point,
    });
    for (const { after, point } of chosen) {
      if (nextChange() !== after) {
        await change();
        await countFiles(bench);
      }
      await change();
      const end = await runUntil(point);
      // Claims of goals side by side may be grouped in fewer statements this time; what sources write always comes.
      if (end.kind === 'finished' && !isOwn(point) && !end.passed.includes(point)) continue;
      expect(end, `after ${after}, at ${point}`).toEqual({ kind: 'killed' });
      await assertWhole();
      await countFiles(bench);
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
