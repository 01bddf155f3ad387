import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '#api';
import type { Database } from '#store';
import { type ServeOptions, serve } from '../../../src/app/serve/serve.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { runWeir } from '../cli/commands/run-weir.ts';

const PROJECT = `import { definePipeline, defineProject } from 'weir';
import { one } from './tasks.ts';
export default defineProject({
  name: 'plain', title: 'Plain', tasks: ['tasks.ts'],
  pipelines: [definePipeline({ name: 'nightly', description: 'One', goals: () => [one.goal({})] })],
});
`;
const TASKS = `import { defineTask, value, z } from 'weir';
export const one = defineTask({
  name: 'one', params: z.object({}), outputs: { n: value<number>() }, run: async () => ({ n: 1 }),
});
`;

let database: Database;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-login-'));
  await writeFile(path.join(folder, 'tasks.ts'), TASKS);
  await writeFile(path.join(folder, 'project.ts'), PROJECT);
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const said: string[] = [];
const options = (variables: Readonly<Record<string, string>>): ServeOptions => ({
  ...{ projectFolder: folder, version: '0.0.0', port: 0, signal: new AbortController().signal },
  environment: { DATABASE_URL: database.url, WEIR_ENGINE__EXECUTOR: 'inline', ...variables },
  print: (text) => said.push(text),
  warn: (text) => said.push(text),
});
const stateFile = (name: string): Promise<string> =>
  readFile(path.join(folder, '.weir', name), 'utf8').catch(() => 'gone');

describe('a Weir on an address other than loopback', () => {
  it('does not start where the login is switched off', async () => {
    await expect(serve(options({ WEIR_HOST: '127.0.0.2', WEIR_ACCESS__LOGIN: 'off' }))).rejects.toThrow(
      /Expected access.login to be auto or required, because server.host is 127.0.0.2/,
    );
  });

  it('demands a login, says how to become admin, and is used by commands beside it', async () => {
    const serving = await serve(options({ WEIR_HOST: '127.0.0.2' }));
    try {
      expect(said.join('')).toMatch(
        /Open this link to become one.*\n {2}http:\/\/127\.0\.0\.2:\d+\/setup#token=[0-9a-f]{64}\n/,
      );
      expect(said.join('')).toContain('can be reached from other machines without https');
      const read = (headers = {}) => fetch(new URL(routes.project.path, serving.url), { headers });
      expect((await read()).status).toBe(401);
      const service = (await stateFile('service-key')).trim();
      expect((await read({ 'x-api-key': service })).status).toBe(200);
      expect((await runWeir(['run', 'nightly'], folder)).code).toBe(0);
      const why = ['--by', 'ann', '--reason', 'test'];
      const { out } = await runWeir(['keys', 'create', 'x', '--role', 'viewer', ...why], folder);
      expect((await read({ authorization: `Bearer ${out.trim()}` })).status).toBe(200);
      const log = await stateFile('logs/weir.log');
      for (const secret of [service, out.trim()]) expect(log).not.toContain(secret);
    } finally {
      await serving.stop();
    }
    expect(await stateFile('service-key')).toBe('gone');
  });
});
