import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { boolean, type Contract, category, defineContract, integer, number, text } from '#contracts';
import { type AnyTask, createEngine, type Engine, inlineExecutor, type Params, type Pipeline } from '#engine';
import type { DataFolders } from '#pipelines';
import { type ArtifactDriver, type Database, type DuckdbPool, memoryArtifacts, openDuckdbPool } from '#store';
import { createTestDatabase } from '../postgres/create-test-database.ts';

/** Parcels as they arrive: with no label. */
export const parcels: Contract = defineContract({
  name: 'parcels',
  columns: {
    id: integer({ role: 'id', unique: true }),
    weight: number({ min: 0, max: 50 }),
    size: category(['small', 'large']),
    fragile: boolean({ nullable: true }),
    note: text({ nullable: true, role: 'meta' }),
  },
});

export const HEADER = 'id,weight,size,fragile,note';
export const GOOD = ['1,2.5,small,true,', '2,10,large,,"two, three"', '3,50,small,false,x'];
export const BAD = ['4,51,small,true,', '5,1,huge,true,'];
/** A line that is no row: it has a field too few. */
export const REJECTED = ['6,1,small'];
export const csv = (...lines: readonly (readonly string[])[]): string => `${[HEADER, ...lines.flat()].join('\n')}\n`;

/** Folders, a database, artifacts and a DuckDB of one test file. */
export interface World {
  readonly folders: DataFolders;
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly duckdb: DuckdbPool;
  readonly folder: string;
  /** Puts a file into a data folder in one step. */
  put(folder: keyof DataFolders, name: string, content: string | Uint8Array): Promise<void>;
  read(folder: keyof DataFolders, name: string): Promise<string>;
  /** Files below a data folder, by name. */
  list(folder: keyof DataFolders): Promise<readonly string[]>;
  engine(work: { readonly tasks: readonly AnyTask[]; readonly pipelines: readonly Pipeline[] }): Engine;
  /** Empties folders and tables. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export async function createWorld(): Promise<World> {
  const folder = await mkdtemp(path.join(tmpdir(), 'weir-pipelines-'));
  const at = (name: string): string => path.join(folder, name);
  const folders = { raw: at('raw'), good: at('good'), bad: at('bad'), labels: at('labels') };
  const database = await createTestDatabase();
  const duckdb = openDuckdbPool({ size: 3, threads: 1, memoryLimitMb: 256 });
  const artifacts = memoryArtifacts();
  const engines: Engine[] = [];
  const clear = async (): Promise<void> => {
    for (const engine of engines.splice(0)) await engine.close();
    for (const place of Object.values(folders)) {
      await rm(place, { recursive: true, force: true });
      await mkdir(place);
    }
    await database.query(
      'truncate runs, manifests, claims, sink_markers, arrivals, consumed_files, check_receipts, checks, alerts, labels, drift_windows, drift_files cascade',
    );
  };
  await clear();
  return {
    ...{ folder, folders, database, artifacts, duckdb, clear },
    put: async (where, name, content) => {
      const hidden = path.join(folders[where], '.putting');
      await writeFile(hidden, content);
      // Of long ago, so that its times may be trusted as far as they can.
      await utimes(hidden, 1_000, 1_000);
      await rename(hidden, path.join(folders[where], name));
    },
    read: (where, name) => readFile(path.join(folders[where], name), 'utf8'),
    list: async (where) => {
      const entries = await readdir(folders[where], { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => !entry.isDirectory())
        .map((entry) => path.relative(folders[where], path.join(entry.parentPath, entry.name)))
        .sort();
    },
    engine: ({ tasks, pipelines }) => {
      const executor = inlineExecutor({ tasks, database, artifacts, slots: 4, folder: path.join(folder, 'attempts') });
      const engine = createEngine({ database, artifacts, tasks, pipelines, executor, isSoleOwner: true });
      engines.push(engine);
      return engine;
    },
    close: async () => {
      for (const engine of engines) await engine.close();
      await duckdb.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a pipeline and says how the run ended, and why. */
export async function runOnce(
  engine: Engine,
  database: Database,
  asked: string | { readonly pipeline: string; readonly params: Params },
) {
  const request = typeof asked === 'string' ? { pipeline: asked } : asked;
  const { runId } = await engine.start({ ...request, trigger: 'manual' });
  const state = await engine.finished(runId);
  const [run] = await database.query<{ reason: string | null }>('select reason from runs where id = $1', [runId]);
  const tasks = await database.query<{ task: string; state: string; reason: string | null }>(
    'select task, state, reason from task_runs where run_id = $1 order by position',
    [runId],
  );
  return {
    runId,
    state,
    reason: run?.reason ?? null,
    tasks: Object.fromEntries(tasks.map((row) => [row.task, row.state])),
    taskRuns: tasks,
  };
}
