import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { StartWorld } from './start-world.ts';
import { eventually, type WeirProcess } from './weir-process.ts';

const FILES_MAX = 4;
const SIZE_BYTES_MAX = 1_000;

interface Line {
  readonly level: number;
  readonly time: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

let database: Database;
let world: StartWorld;
let weir: WeirProcess;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await StartWorld.make();
  weir = await world.start({ env: { DATABASE_URL: database.url } });
});
afterAll(async () => {
  await weir?.stop();
  await world.remove();
  await database.close();
});

const folder = (): string => path.join(world.state, 'logs');
const names = async (): Promise<readonly string[]> => (await readdir(folder())).sort();
async function lines(): Promise<readonly Line[]> {
  const texts = await Promise.all((await names()).map((name) => readFile(path.join(folder(), name), 'utf8')));
  // One object a line, as the page of operations says.
  return texts.flatMap((text) => text.trimEnd().split('\n')).map((line) => JSON.parse(line) as Line);
}
const ask = (where: string, body?: unknown): Promise<Response> => {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return fetch(new URL(where, weir.url), body === undefined ? {} : init);
};

describe('the log of a server', () => {
  it('has run, pipeline and task of what was executed as fields', async () => {
    // As the API describes it.
    const { runId } = (await (await ask('/api/pipelines/train/runs', { force: true })).json()) as { runId: string };
    const ofRun = await eventually('the end of the run', async () => {
      const found = (await lines()).filter((line) => line.runId === runId);
      return found.some(({ task }) => task === undefined) ? found : undefined;
    });
    const executed = await database.query<{ task: string }>(
      `select distinct task from weir.task_runs where run_id = $1 and state = 'succeeded'`,
      [runId],
    );
    expect(executed.length).toBeGreaterThan(2);
    const logged = ofRun.filter(({ task }) => task !== undefined);
    expect(new Set(logged.map(({ task }) => task))).toEqual(new Set(executed.map(({ task }) => task)));
    for (const line of logged) expect(line).toMatchObject({ runId, pipeline: 'train', state: 'succeeded', level: 30 });
    expect(ofRun.at(-1)).toMatchObject({ runId, pipeline: 'train', state: 'succeeded', msg: 'run of train succeeded' });
  });

  it('has the id of a request as its answer and the audit log name it', async () => {
    const refused = await ask('/api/pipelines/nowhere/runs', {});
    // As the API describes an error.
    const { instance } = (await refused.json()) as { instance: string };
    const requestId = instance.replace('urn:weir:request:', '');
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    const ofRequest = await eventually('the line', async () => {
      const found = (await lines()).filter((line) => line.requestId === requestId);
      return found.length > 0 ? found : undefined;
    });
    expect(ofRequest).toMatchObject([{ part: 'server', msg: 'request refused', code: expect.any(String) }]);
    const [{ runId }] = [(await (await ask('/api/pipelines/train/runs', {})).json()) as { runId: string }];
    const [entry] = await database.query<{ id: string }>(
      `select request_id as id from weir.audit_log where action = 'startRun' and after::text like $1`,
      [`%"${runId}"%`],
    );
    expect(entry?.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is rotated by the size and the count of the settings', async () => {
    await weir.stop();
    const bounds = { WEIR_LOG__SIZE_MB_MAX: String(SIZE_BYTES_MAX / 1e6), WEIR_LOG__FILES_MAX: String(FILES_MAX) };
    weir = await world.start({ env: { DATABASE_URL: database.url, ...bounds } });
    // Each is another line, so that none is left out as equal.
    for (let run = 0; run < 60; run += 1) await ask(`/api/pipelines/nowhere-${run}/runs`, {});
    for (const where of ['/api/runs/0', '/api/checks/0', '/api/runs?from=x', '/api/none']) await ask(where);
    await eventually('the rotation', async () => ((await names()).length === FILES_MAX ? true : undefined));
    expect(await names()).toEqual(['weir.log', 'weir.log.1', 'weir.log.2', 'weir.log.3']);
    expect((await lines()).every(({ msg, time }) => typeof msg === 'string' && typeof time === 'number')).toBe(true);
  });
});
