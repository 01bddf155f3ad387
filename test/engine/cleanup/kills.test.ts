import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseKills } from '../../kills/choose-kills.ts';
import { type KilledEnd, runToKill } from '../../kills/run-to-kill.ts';
import { emptyTables } from '../../postgres/empty-tables.ts';
import * as fixtures from '../fixtures/tasks.ts';
import { createTestEngine, createWorkbench, inlineOn, type TestEngine, type Workbench } from '../fixtures/workbench.ts';
import { blobsOf, collectOn } from './collecting.ts';

/** Where it kills besides one place of each kind, when it does not kill everywhere. */
const EXTRA = 1;

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

const runUntil = (point: string): Promise<KilledEnd> =>
  runToKill('crashing-collection', { databases: [bench.database], args: [bench.folder, point] });

const place = (): string => path.join(bench.folder, 'placed.txt');
const placed = () => fixtures.placeFile.goal({ path: place(), text: 'placed' });
const text = (letter: string) => fixtures.makeText.goal({ letter, length: 6_000 });

/** Two goals with a version each that is to stay, one with one that is to go, a stale one with a file, and bytes that nobody names. */
async function prepare(): Promise<void> {
  await emptyTables(bench.database);
  for (const digest of await blobsOf(bench)) await bench.artifacts.delete(digest);
  await rm(path.join(bench.folder, 'attempts'), { recursive: true, force: true });
  await engine.run([text('a'), text('b')]);
  await bench.database.query(`update manifests set key = 'old' where params ->> 'letter' = 'a'`);
  await engine.run([text('a'), text('b'), placed()]);
  await bench.database.query(
    `insert into stale_goals (goal, task, params, reason, source, partition, since)
     select goal, task, params, 'removed', 's', 'p', clock_timestamp() - interval '1 hour' from manifests where task = 'place-file'`,
  );
  await bench.database.query(
    `update manifests set outputs = jsonb_set(outputs, '{bytes,digest}', to_jsonb($1::text)) where key = 'old'`,
    [(await bench.artifacts.put(Buffer.from('of the old version alone'))).digest],
  );
  await bench.artifacts.put(Buffer.from('nobody needs this'));
}

async function assertNothingMissing(): Promise<void> {
  const manifests = await bench.database.query<{ digest: string }>(
    `select o.value ->> 'digest' as digest from manifests m cross join lateral jsonb_each(m.outputs) o
     where o.value ->> 'kind' <> 'file'`,
  );
  const blobs = new Set(await blobsOf(bench));
  expect(manifests.filter(({ digest }) => !blobs.has(digest))).toEqual([]);
}

/** A file that a collection was to remove is gone, or its result still knows of it, or the collection does. */
async function assertNothingForgotten(): Promise<void> {
  const known = await bench.database.query(
    `select 1 from manifests where task = 'place-file' union all
     select 1 from collection_items where kind = 'placed-file' and state in ('planned', 'removing')`,
  );
  expect(known.length > 0 || !existsSync(place())).toBe(true);
}

describe('a collection that is killed', () => {
  it('at every write it makes leaves no result without its bytes, and the next one finishes it', async () => {
    await prepare();
    const undisturbed = await runUntil('nowhere');
    if (undisturbed.kind === 'killed') throw new Error('Nobody was to be killed.');
    expect(undisturbed.passed).not.toEqual([]);
    for (const point of chooseKills(undisturbed.passed, { test: 'cleanup', extra: EXTRA, pointOf: (each) => each })) {
      await prepare();
      expect(await runUntil(point), point).toEqual({ kind: 'killed' });
      await assertNothingMissing();
      await assertNothingForgotten();
      await collectOn(bench);
      await assertNothingMissing();
      const left = await bench.database.query('select 1 from manifests');
      expect([left.length, (await blobsOf(bench)).length, existsSync(place())]).toEqual([2, 4, false]);
      const removed = await bench.database.query<{ kind: string }>(
        `select kind from collection_items where state = 'removed' order by kind`,
      );
      expect(removed.map(({ kind }) => kind)).toEqual(['blob', 'blob', 'placed-file', 'version', 'version']);
      expect(await bench.database.query('select 1 from collections where finished_at is null')).toEqual([]);
    }
  });
});
