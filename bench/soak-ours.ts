/** One long life of an engine: `soak-ours.ts <runs> <folder>`; prints one line of JSON at the end. Start it with --expose-gc. */
import { createEngine, type Goal, processExecutor } from '#engine';
import { type Database, fsArtifacts } from '#store';
import { withDatabase } from './engine-durable.ts';
import { goalsOf, tasks } from './engine-tasks.ts';
import type { SoakFigures } from './soak.ts';

const SLOTS = 2;
/** When memory is looked at, as shares of all runs. */
const LOOKS = [0.05, 0.5, 1];

const [count = '20000', folder = ''] = process.argv.slice(2);
const figures = await withDatabase(folder, (database, scratch) => soak(database, { runs: Number(count), scratch }));
process.stdout.write(`${JSON.stringify({ versions: {}, ...figures })}\n`);

async function soak(
  database: Database,
  { runs, scratch }: { readonly runs: number; readonly scratch: string },
): Promise<SoakFigures> {
  const artifacts = await fsArtifacts({ folder: `${scratch}/artifacts` });
  const entry = new URL('./soak-child.ts', import.meta.url);
  const executor = processExecutor({ entry, slots: SLOTS, argv: [database.url, scratch] });
  let goals: readonly Goal[] = [];
  const pipeline = {
    name: 'soak',
    description: 'Asks for what comes next.',
    plan: async () => ({ kind: 'run' as const, goals, params: {} }),
  };
  const engine = createEngine({ database, artifacts, tasks, executor, pipelines: [pipeline] });
  const runOnce = async (asked: readonly Goal[]): Promise<void> => {
    goals = asked;
    const { runId } = await engine.start({ pipeline: 'soak', trigger: 'manual' });
    const state = await engine.finished(runId);
    if (state !== 'succeeded') throw new Error(`A run of the soak ${state}.`);
    goals = [];
  };
  const looks: SoakFigures['looks'][number][] = [];
  for (const [index, goal] of goalsOf('flat', runs).entries()) {
    await runOnce([goal]);
    if (LOOKS.some((share) => Math.round(share * runs) === index + 1)) looks.push({ runs: index + 1, ...memory() });
  }
  // Others, so that each has its attempt.
  await runOnce(goalsOf('flat', 2 * runs).slice(runs));
  const afterLarge = memory();
  await engine.close();
  await executor.close();
  return { looks, afterLarge };
}

function memory(): { readonly heapBytes: number; readonly residentBytes: number } {
  globalThis.gc?.();
  const { heapUsed: heapBytes, rss: residentBytes } = process.memoryUsage();
  return { heapBytes, residentBytes };
}
