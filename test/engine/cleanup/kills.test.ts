import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as fixtures from '../fixtures/tasks.ts';
import { createTestEngine, createWorkbench, inlineOn, type TestEngine, type Workbench } from '../fixtures/workbench.ts';
import { blobsOf, collectOn } from './collecting.ts';

const ENTRY = fileURLToPath(new URL('../fixtures/crashing-collection.ts', import.meta.url));
/** A collection of this test reaches fewer points than this; a child that passes none of them has finished. */
const POINTS_MAX = 200;

let bench: Workbench;
let engine: TestEngine;
beforeAll(async () => {
  bench = await createWorkbench();
  engine = createTestEngine(bench, { executor: inlineOn(bench) });
});
afterAll(async () => {
  await engine.close();
  await bench.close();
});

async function runUntil(point: number): Promise<'killed' | 'finished'> {
  const child = fork(ENTRY, [bench.database.url, bench.folder, String(point)], {
    execArgv: ['--import', 'tsx', '--conditions=weir-source'],
  });
  const [code, signal] = await once(child, 'exit');
  if (signal === 'SIGKILL') return 'killed';
  if (code !== 0) throw new Error(`The collection ended with code ${code}.`);
  return 'finished';
}

const text = (letter: string) => fixtures.makeText.goal({ letter, length: 6_000 });

/** Two goals with a version each that is to stay, one with one that is to go, and bytes that nobody names. */
async function prepare(): Promise<void> {
  await bench.database.query(
    'truncate manifests, collections, collection_items, runs, task_runs, attempts, claims cascade',
  );
  for (const digest of await blobsOf(bench)) await bench.artifacts.delete(digest);
  await rm(path.join(bench.folder, 'attempts'), { recursive: true, force: true });
  await engine.run([text('a'), text('b')]);
  await bench.database.query(`update manifests set key = 'old' where params ->> 'letter' = 'a'`);
  await engine.run([text('a'), text('b')]);
  await bench.database.query(
    `update manifests set outputs = jsonb_set(outputs, '{bytes,digest}', to_jsonb($1::text)) where key = 'old'`,
    [(await bench.artifacts.put(Buffer.from('of the old version alone'))).digest],
  );
  await bench.artifacts.put(Buffer.from('nobody needs this'));
}

async function assertNothingMissing(): Promise<void> {
  const manifests = await bench.database.query<{ digest: string }>(
    `select o.value ->> 'digest' as digest from manifests m cross join lateral jsonb_each(m.outputs) o`,
  );
  const blobs = new Set(await blobsOf(bench));
  expect(manifests.filter(({ digest }) => !blobs.has(digest))).toEqual([]);
}

describe('a collection that is killed', () => {
  it('at every write it makes leaves no result without its bytes, and the next one finishes it', async () => {
    let kills = 0;
    for (let point = 1; point < POINTS_MAX; point++) {
      await prepare();
      const end = await runUntil(point);
      await assertNothingMissing();
      await collectOn(bench);
      await assertNothingMissing();
      const left = await bench.database.query('select 1 from manifests');
      expect([left.length, (await blobsOf(bench)).length]).toEqual([2, 4]);
      const removed = await bench.database.query<{ kind: string }>(
        `select kind from collection_items where state = 'removed' order by kind`,
      );
      expect(removed.map(({ kind }) => kind)).toEqual(['blob', 'blob', 'version']);
      expect(await bench.database.query('select 1 from collections where finished_at is null')).toEqual([]);
      if (end === 'finished') break;
      kills++;
    }
    expect(kills).toBeGreaterThan(12);
  }, 900_000);
});
