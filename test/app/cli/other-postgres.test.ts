import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { canTestDebianPostgres, type DebianPostgres, startDebianPostgres } from '../../postgres/debian-postgres.ts';
import { PARCELS_PROJECT } from './commands/parcels-project.ts';
import { type Ended, runWeir } from './commands/run-weir.ts';

const rows = Array.from({ length: 200 }, (_, id) => `${id},${id % 100},${id % 100 < 50 ? 'light' : 'heavy'}\n`);

describe.skipIf(!canTestDebianPostgres())('a project on a PostgreSQL of its own', () => {
  let folder: string;
  let server: DebianPostgres;
  let embedded: Database;
  beforeAll(async () => {
    [server, embedded] = await Promise.all([startDebianPostgres(), createTestDatabase({ isMigrated: false })]);
    folder = await mkdtemp(path.join(tmpdir(), 'weir-other-postgres-'));
    await writeFile(path.join(folder, 'project.ts'), PARCELS_PROJECT);
    await writeFile(path.join(folder, 'parcels.csv'), `number,weight,outcome\n${rows.join('')}`);
  });
  afterAll(async () => {
    await embedded?.close();
    await server?.stop();
    await rm(folder, { recursive: true });
  });
  const weirOn = (url: string, args: readonly string[], variables = {}): Promise<Ended> =>
    runWeir(args, folder, { DATABASE_URL: url, ...variables });

  it('is migrated as a step of its own where database.migrate is deploy', async () => {
    const deployed = { WEIR_DATABASE__MIGRATE: 'deploy' };
    const early = await weirOn(server.url, ['runs'], deployed);
    expect(early).toMatchObject({ code: 75 });
    expect(early.err).toMatch(/lacks migration 0001-engine\.sql and \d+ after it\. Run "weir migrate"/);
    const pending = await weirOn(server.url, ['migrate', '--check', '--json'], deployed);
    expect(pending).toMatchObject({ code: 1 });
    const applied = await weirOn(server.url, ['migrate', '--json', '--by', 'ada'], deployed);
    expect(applied.code).toBe(0);
    expect(JSON.parse(applied.out).applied).toEqual(JSON.parse(pending.out).pending);
    expect((await weirOn(server.url, ['migrate', '--check'], deployed)).out).toBe('The schema is up to date\n');
    expect(await weirOn(server.url, ['runs'], deployed)).toMatchObject({ code: 0 });
  });

  it('trains through PgBouncer', async () => {
    const url = await server.startBouncer();
    expect(await weirOn(url, ['run', 'train'], { WEIR_DATABASE__POOL_SIZE: '3' })).toMatchObject({ code: 0 });
  });

  it('is dumped and restored into another server and major, with nothing to compute again', async () => {
    const file = path.join(folder, 'weir.dump');
    await server.program('pg_dump', ['--format=custom', '--no-owner', '--no-acl', `--file=${file}`, server.url]);
    await server.program('pg_restore', [
      ...['--no-owner', '--no-acl', '--exit-on-error', '--single-transaction', `--dbname=${embedded.url}`, file],
    ]);
    const before = await weirOn(server.url, ['models', '--json']);
    const after = await weirOn(embedded.url, ['models', '--json']);
    expect(JSON.parse(after.out).versions).toHaveLength(1);
    expect(after.out).toBe(before.out);
    const states = async (url: string): Promise<unknown> =>
      JSON.parse((await weirOn(url, ['run', 'train', '--json'])).out).taskRuns.map(
        ({ task, state }: { readonly task: string; readonly state: string }) => `${task} ${state}`,
      );
    const again = await states(embedded.url);
    expect(again).toContain('fit-model cached');
    expect(again).toEqual(await states(server.url));
  });
});
