import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { type Level, type OpenOptions, openProject, withProject } from '../../../src/app/serve/open-project.ts';
import { writeServerFile } from '../../../src/app/serve/server-file.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

const PROJECT = `export default { name: 'plain', title: 'Plain', tasks: [], pipelines: [], sources: [] };`;
const MODEL = `import { defineContract, defineProject, fromSql, integer, knn, number } from 'weir';
export default defineProject({
  name: 'parcels', title: 'Parcels', estimator: knn({ k: 1 }), training: fromSql({ connection: 'none', sql: 'none.sql' }),
  contract: defineContract({ name: 'parcels', columns: {
    id: integer({ role: 'id', unique: true }), weight: number(), price: number({ role: 'label' }),
  } }),
});`;
const BROKEN = 'export default {';

let database: Database;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-open-'));
  await write(PROJECT);
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(() => database.close());

const write = (code: string): Promise<void> => writeFile(path.join(folder, 'project.ts'), code);

const variables = () => ({ DATABASE_URL: database.url, WEIR_ENGINE__EXECUTOR: 'inline' });

const options = (): OpenOptions => ({
  ...{ projectFolder: folder, environment: variables(), version: '0.0.0', port: 0 },
  ...{ signal: new AbortController().signal, show: (_, work) => work(), warn: () => undefined },
});

const isFree = (): Promise<boolean> => withProject('records', options(), async ({ running }) => running === undefined);

describe('opening a project', () => {
  it('gives the records also of a project whose code does not build', async () => {
    await write(BROKEN);
    const rows = await withProject('records', options(), (opened) => opened.database.query('select 1 as one'));
    expect(rows).toEqual([{ one: 1 }]);
  });

  it.each<Level>(['project', 'engine', 'server'])('leaves nothing running when %s cannot be opened', async (level) => {
    await write(BROKEN);
    await expect(openProject(level, options())).rejects.toThrow('does not build');
    expect(await isFree()).toBe(true);
  });

  it('ends with its work, also when that fails', async () => {
    const work = withProject('project', options(), async ({ isOwner }) => {
      throw new Error(`as owner: ${isOwner}`);
    });
    await expect(work).rejects.toThrow('as owner: true');
    expect(await isFree()).toBe(true);
  });

  it('gives an engine, and with it what the project level has', async () => {
    const names = await withProject('engine', options(), async ({ engine, wiring }) => {
      const { runId } = await engine.start({ pipeline: 'cleanup', trigger: 'manual' });
      return [await engine.finished(runId), wiring.project.name];
    });
    expect(names).toEqual(['succeeded', 'plain']);
  });

  it('gives an engine without a server, also to a project with a model', async () => {
    await write(MODEL);
    const isListening = () => process.getActiveResourcesInfo().includes('TCPServerWrap');
    await withProject('engine', options(), async ({ wiring }) => {
      expect(wiring.pipelines.map(({ name }) => name)).toContain('predict');
      expect(isListening()).toBe(false);
    });
    await withProject('server', options(), async () => expect(isListening()).toBe(true));
  });

  it('gives back with an engine the files that an ended process drew from raw-data', async () => {
    await isFree();
    await database.query(
      "insert into arrivals (id, path, digest, size_bytes, run_id) values ('arrival-0', 'a.csv', 'digest', 1, 0)",
    );
    await withProject('engine', options(), async () => undefined);
    expect(await database.query('select outcome from arrivals')).toEqual([{ outcome: 'cancelled' }]);
  });
});

describe('opening a project over which a Weir runs', () => {
  const at = 'http://127.0.0.1:4711';

  it('works beside it, over its database', async () => {
    await isFree();
    await writeServerFile(path.join(folder, '.weir'), { url: at, databaseUrl: database.url });
    const found = await withProject('project', options(), async ({ isOwner, apiUrl }) => ({ isOwner, apiUrl }));
    expect(found).toEqual({ isOwner: false, apiUrl: at });
  });

  it('is refused to a second server', async () => {
    await isFree();
    await writeServerFile(path.join(folder, '.weir'), { url: at, databaseUrl: database.url });
    await expect(openProject('server', options())).rejects.toThrow(`process ${process.pid}, at ${at}`);
  });
});
