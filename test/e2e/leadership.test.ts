import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { startWeir, type WeirProcess } from './weir-process.ts';

const LONG_MS = 120_000;
const POLL = { timeout: 60_000 };
const program = fileURLToPath(new URL('../../bin/weir.mjs', import.meta.url));

/** A pipeline that ticks each second, and does nothing. */
const PROJECT = `
import { defineProject } from 'weir';
export default defineProject({
  name: 'ticking',
  title: 'Ticking',
  pipelines: [{ name: 'tick', description: 'Ticks.', plan: async () => ({ kind: 'skip', reason: 'ticked' }) }],
});
`;
const SETTINGS = `schedules: { tick: '* * * * * *' }\nserver: { drainSeconds: 0 }\n`;

describe('two servers on one database', () => {
  let folder: string;
  let database: Database;
  const servers: WeirProcess[] = [];
  const logOf = (name: string): Promise<string> =>
    readFile(path.join(folder, name, '.weir', 'logs', 'weir.log'), 'utf8').catch(() => '');
  const countOf = (text: string, log: string): number => log.split(text).length - 1;
  const ticks = async (): Promise<number> => {
    const [row] = await database.query<{ count: number }>(`select count(*)::int as count from runs`);
    return row?.count ?? 0;
  };
  const start = async (name: string): Promise<WeirProcess> => {
    const project = path.join(folder, name);
    await mkdir(path.join(project, 'config'), { recursive: true });
    await writeFile(path.join(project, 'project.ts'), PROJECT);
    await writeFile(path.join(project, 'config', 'base.yaml'), SETTINGS);
    const server = await startWeir({
      cwd: project,
      command: [process.execPath, program, 'serve', '--port', '0'],
      env: { DATABASE_URL: database.url },
    });
    servers.push(server);
    return server;
  };
  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await mkdtemp(path.join(tmpdir(), 'weir-leadership-'));
    await start('one');
    await start('two');
  }, LONG_MS);
  afterAll(async () => {
    for (const server of servers) await server.kill();
    await database?.close();
    await rm(folder, { recursive: true });
  });

  it('have one that follows the schedules, and both answer', async () => {
    expect(servers[1]?.output()).toContain('Another server on this database leads');
    expect(await logOf('one')).toContain('this server leads');
    const before = await ticks();
    await expect.poll(ticks, POLL).toBeGreaterThan(before);
    for (const { url } of servers) expect((await fetch(`${url}/api/runs`)).status).toBe(200);
    expect(await logOf('two')).not.toContain('this server leads');
  });

  it('have a leader again, and ticks, when all connections were lost', { timeout: LONG_MS }, async () => {
    await database
      .query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      )
      .catch(() => undefined);
    await expect.poll(() => logOf('one'), POLL).toContain('this server leads no more');
    const leading = async (): Promise<number> => {
      const logs = `${await logOf('one')}${await logOf('two')}`;
      return countOf('"this server leads"', logs) - countOf('"this server leads no more"', logs);
    };
    await expect.poll(leading, POLL).toBe(1);
    const before = await ticks();
    await expect.poll(ticks, POLL).toBeGreaterThan(before);
  });

  /** The server that leads, and the names of both. */
  const rolesNow = async () => {
    const isOne = (await logOf('one')).lastIndexOf('"this server leads"') > (await logOf('one')).lastIndexOf('no more');
    const leader = servers[isOne ? 0 : 1];
    return { leader, nameOfOther: isOne ? 'two' : 'one', nameOfLeader: isOne ? 'one' : 'two' };
  };

  it('have the other lead when the process of the leader is stopped, which then yields', {
    timeout: LONG_MS,
  }, async () => {
    const { leader, nameOfOther, nameOfLeader } = await rolesNow();
    const led = countOf('"this server leads"', await logOf(nameOfOther));
    const yielded = countOf('leads no more', await logOf(nameOfLeader));
    leader?.freeze();
    await expect.poll(async () => countOf('"this server leads"', await logOf(nameOfOther)), POLL).toBe(led + 1);
    leader?.goOn();
    await expect.poll(async () => countOf('leads no more', await logOf(nameOfLeader)), POLL).toBe(yielded + 1);
  });

  it('have the other lead when the leader is killed', { timeout: LONG_MS }, async () => {
    const { leader, nameOfOther } = await rolesNow();
    const led = countOf('"this server leads"', await logOf(nameOfOther));
    await leader?.kill();
    await expect.poll(async () => countOf('"this server leads"', await logOf(nameOfOther)), POLL).toBe(led + 1);
    const before = await ticks();
    await expect.poll(ticks, POLL).toBeGreaterThan(before);
  });
});
