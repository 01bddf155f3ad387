import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listIncidents, scrub } from '#engine';
import { damageBlob } from '../fixtures/damage.ts';
import * as fixtures from '../fixtures/tasks.ts';
import { createTestEngine, createWorkbench, inlineOn, type TestEngine, type Workbench } from '../fixtures/workbench.ts';
import { blobsOf } from './collecting.ts';

let bench: Workbench;
let engine: TestEngine;
beforeEach(async () => {
  bench = await createWorkbench();
  engine = createTestEngine(bench, { executor: inlineOn(bench) });
});
afterEach(async () => {
  await engine.close();
  await bench.close();
});

const text = (letter: string) => fixtures.makeText.goal({ letter, length: 6_000 });
const digestOf = async (letter: string): Promise<string> => {
  const [row] = await bench.database.query<{ digest: string }>(
    `select outputs -> 'bytes' ->> 'digest' as digest from manifests where params ->> 'letter' = $1`,
    [letter],
  );
  return row?.digest ?? '';
};

describe('a scrub', () => {
  it('finds nothing where nothing is wrong, and says what it read', async () => {
    await engine.run([text('a'), text('b')]);
    const seen: number[] = [];
    const report = await scrub({ ...bench, onProgress: ({ blobs }) => seen.push(blobs) });
    expect(report).toEqual({ blobs: 4, sizeBytes: 4 * 6_000 + 2 * 2, findings: [] });
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it('removes what is damaged, reports what is missing, and the next run makes both again', async () => {
    await engine.run([text('a'), text('b'), text('c')]);
    const [flipped, deleted] = [await digestOf('a'), await digestOf('b')];
    await damageBlob(bench.artifacts, flipped, 'one bit flipped');
    await damageBlob(bench.artifacts, deleted, 'deleted');
    const { findings } = await scrub(bench);
    expect(findings).toEqual([
      { kind: 'damaged', digest: flipped, action: 'removed, so that its task computes it again' },
      { kind: 'missing', digest: deleted, action: 'its goal is incomplete, and is computed again when a run needs it' },
    ]);
    expect(await blobsOf(bench)).not.toContain(flipped);
    expect(await listIncidents(bench.database)).toMatchObject([
      { kind: 'missing', digest: deleted, foundBy: 'scrub' },
      { kind: 'damaged', digest: flipped, foundBy: 'scrub', sizeBytes: 6_000 },
    ]);
    expect(await engine.run([text('a'), text('b'), text('c')])).toBe('succeeded');
    const run = await engine.last();
    expect(run?.taskRuns.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'cached']);
    expect((await scrub(bench)).findings).toEqual([]);
    expect(await listIncidents(bench.database)).toHaveLength(2);
  });

  it('leaves damaged bytes that no result names, because nothing could make them again', async () => {
    const { digest } = await bench.artifacts.put(Buffer.alloc(1_000, 'of somebody else'));
    await damageBlob(bench.artifacts, digest, 'one bit flipped');
    const { findings } = await scrub(bench);
    expect(findings).toMatchObject([{ kind: 'damaged', digest, action: expect.stringContaining('left as it is') }]);
    expect(await blobsOf(bench)).toEqual([digest]);
  });
});
