import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Executor, listIncidents } from '#engine';
import { DAMAGES, damageBlob } from '../fixtures/damage.ts';
import * as fixtures from '../fixtures/tasks.ts';
import {
  createTestEngine,
  createWorkbench,
  inlineOn,
  processOn,
  type TestEngine,
  type Workbench,
} from '../fixtures/workbench.ts';

let bench: Workbench;
let engines: TestEngine[];
beforeEach(async () => {
  bench = await createWorkbench();
  engines = [];
});
afterEach(async () => {
  for (const engine of engines) await engine.close();
  await bench.close();
});

/** A process that has verified nothing yet, as far as executors are concerned. */
function engineOn(executorOn: (bench: Workbench) => Executor): TestEngine {
  const engine = createTestEngine(bench, { executor: executorOn(bench) });
  engines.push(engine);
  return engine;
}

const made = { letter: 'a', length: 6_000 };

async function digestOf(output: string): Promise<string> {
  const [row] = await bench.database.query<{ digest: string }>(
    `select outputs -> $1 ->> 'digest' as digest from manifests where task = 'make-text'`,
    [output],
  );
  return row?.digest ?? '';
}

describe('stored bytes that are not what they were', () => {
  const everyWay = DAMAGES.flatMap((damage) =>
    (['bytes', 'text'] as const).map((output) => [damage, output, 'inline', inlineOn] as const),
  );

  it.each([...everyWay, ['one bit flipped', 'bytes', 'process', processOn] as const])(
    '22. %s: the output %s is noticed where it is used (%s), made again in the same run, and on record',
    async (damage, output, _, on) => {
      expect(await engineOn(on).run([fixtures.measureText.goal(made)])).toBe('succeeded');
      const digest = await digestOf(output);
      await damageBlob(bench.artifacts, digest, damage);
      // Whoever reads it is to be made again, and so has to read it.
      await bench.database.query(`delete from manifests where task = 'measure-text'`);
      const engine = engineOn(on);
      expect(await engine.run([fixtures.measureText.goal(made)])).toBe('succeeded');
      expect(await engine.states()).toEqual({ 'make-text': 'succeeded', 'measure-text': 'succeeded' });
      const [measured] = await bench.database.query<{ lengths: unknown }>(
        `select outputs -> 'lengths' -> 'value' as lengths from manifests where task = 'measure-text'`,
      );
      expect(measured?.lengths).toEqual([6_000, 6_000, 6_000]);
      expect(await bench.artifacts.stat(digest)).toMatchObject({ digest });
      const incidents = await listIncidents(bench.database);
      expect(incidents).toMatchObject([{ kind: damage === 'deleted' ? 'missing' : 'damaged', digest }]);
      expect(incidents[0]?.goals[0]).toContain('make-text');
    },
  );
});
