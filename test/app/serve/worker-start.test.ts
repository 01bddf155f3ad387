import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { configSchema } from '../../../src/app/project/config.ts';
import { alertRoutes } from '../../../src/app/serve/alert-routes.ts';
import { namedVariables, withoutSecrets, workerEnvironment } from '../../../src/app/serve/worker-start.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { runWeir } from '../cli/commands/run-weir.ts';

describe('the environment of a process that runs tasks', () => {
  it('holds what programs need, and what the settings name', () => {
    const usual = {
      PATH: '/bin',
      HOME: '/h',
      TZ: 'UTC',
      LC_ALL: 'C',
      NODE_OPTIONS: '-r x',
      https_proxy: 'p',
      LD_LIBRARY_PATH: '/l',
      NODE_EXTRA_CA_CERTS: 'c',
      AWS_CA_BUNDLE: 'b',
      Path: 'C:',
    };
    const named = { AWS_REGION: 'r', AWS_SECRET: 's', TOKEN: 't' };
    const environment = { ...usual, ...named, EMPTY: undefined };
    expect(workerEnvironment(environment, ['AWS_*', 'TOKEN'])).toEqual({ ...usual, ...named });
    expect(workerEnvironment(environment, [])).toEqual(usual);
  });

  it.each([
    ...['DATABASE_URL', 'PGPASSWORD', 'WEIR_DATABASE__URL', 'WEIR_ALERTS__TEAMS_URL', 'WEIR_CONNECTIONS__A__URL'],
    ...['AWS_SECRET_ACCESS_KEY', 'NODE_AUTH_TOKEN', 'NPM_TOKEN', 'GITHUB_TOKEN', 'MY_PATH', 'PATHS'],
  ])('holds no %s unless it is named', (name) => {
    expect(workerEnvironment({ [name]: 's3cret' }, [])).toEqual({});
    expect(workerEnvironment({ [name]: 's3cret' }, [name])).toEqual({ [name]: 's3cret' });
  });
});

describe('the settings of a process that runs tasks', () => {
  it('hold keys of buckets, and its environment those of AWS, only where it opens a bucket', () => {
    const s3 = { accessKeyId: 'known', secretAccessKey: 's3cret', sessionToken: 's3cret' };
    const without = configSchema.parse({ s3, engine: { environment: ['OWN'] } });
    expect(JSON.stringify(withoutSecrets(without))).not.toContain('s3cret');
    expect(namedVariables(without)).toEqual(['OWN']);
    const config = configSchema.parse({ s3, artifacts: 's3://weir', engine: { environment: ['OWN'] } });
    expect(withoutSecrets(config).s3).toEqual(config.s3);
    expect(namedVariables(config)).toEqual(['OWN', 'AWS_*']);
  });

  it('hold no address that is a secret, and still which alerts each channel gets', () => {
    const secret = 'whsec_czNjcmV0czNjcmV0czNjcmV0czNjcmV0';
    const config = configSchema.parse({
      alerts: {
        teamsUrl: 'https://teams.example/s3cret',
        channels: {
          chat: { kind: 'slack', url: 'https://slack.example/s3cret', criticality: 'high' },
          hook: { kind: 'webhook', url: 'https://hook.example/s3cret', secret },
          oncall: { kind: 'pagerduty', routingKey: 's3cret-s3cret', kinds: ['drift'] },
          post: { kind: 'mail', host: 's3cret.example', user: 's3cret', password: 's3cret', from: 'a@b', to: 'c@d' },
          off: { kind: 'slack' },
        },
      },
      database: { url: 'postgres://weir:s3cret@db/weir' },
      connections: { lake: { kind: 'postgres', url: 'postgres://weir:known@lake/weir' } },
    });
    const handed = withoutSecrets(config);
    expect(JSON.stringify(handed)).not.toMatch(/s3cret|whsec/);
    expect(alertRoutes(handed)).toEqual(alertRoutes(config));
    expect(alertRoutes(handed)).toEqual([
      { name: 'teams', criticality: 'low' },
      { name: 'chat', criticality: 'high' },
      { name: 'hook', criticality: 'low' },
      { name: 'oncall', criticality: 'low', kinds: ['drift'] },
      { name: 'post', criticality: 'low' },
    ]);
    expect(handed.connections).toEqual(config.connections);
  });
});

describe('a task in its own process', () => {
  let database: Database;
  let folder: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await mkdtemp(path.join(tmpdir(), 'weir-worker-'));
    await mkdir(path.join(folder, 'config'));
    await mkdir(path.join(folder, 'node_modules'));
    await symlink(path.resolve('node_modules/zod'), path.join(folder, 'node_modules', 'zod'));
    await writeFile(path.join(folder, 'config', 'base.yaml'), 'engine:\n  environment: [NAMED]\n');
    await writeFile(
      path.join(folder, 'tasks.ts'),
      `import { execFileSync } from 'node:child_process';
import { defineTask, value } from 'weir';
import { z } from 'zod';
import { readFileSync } from 'node:fs';
const print = 'process.stdout.write(JSON.stringify(process.env))';
// What other processes of the user see.
const seenByOthers = () => process.platform === 'linux' ? readFileSync('/proc/self/environ', 'utf8') : '';
export const look = defineTask({
  name: 'look', params: z.object({}), outputs: { seen: value<string>() },
  run: async () => ({ seen: JSON.stringify([process.env, seenByOthers(), JSON.parse(execFileSync(process.execPath, ['-e', print], { encoding: 'utf8' }))]) }),
});`,
    );
    await writeFile(
      path.join(folder, 'project.ts'),
      `import { definePipeline, defineProject } from 'weir';
import { look } from './tasks.ts';
export default defineProject({ name: 'looking', title: 'Looking', tasks: ['tasks.ts'],
  pipelines: [definePipeline({ name: 'look', goals: () => [look.goal({})] })] });`,
    );
  });
  afterAll(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('sees no secret of Weir, nor does what it starts, and sees what the settings name', async () => {
    const { code, err } = await runWeir(['run', 'look', '--project', folder], folder, {
      ...{ DATABASE_URL: database.url, WEIR_ALERTS__WEBHOOK_URL: 'http://127.0.0.1:1/s3cret', NAMED: 'known' },
      ...{ SOME_TOKEN: 's3cret' },
    });
    expect(err).not.toContain('✖');
    expect(code, JSON.stringify(await database.query('select state, reason from runs'))).toBe(0);
    const [row] = await database.query<{ digest: string }>(
      `select outputs -> 'seen' ->> 'digest' as digest from manifests where task = 'look'`,
    );
    const digest = row?.digest ?? '';
    const blob = path.join(folder, '.weir/artifacts', digest.slice(0, 2), digest.slice(2, 4), digest);
    const seen = await readFile(blob, 'utf8');
    expect(seen).toContain('known');
    expect(seen).not.toMatch(/s3cret|DATABASE_URL|WEIR_ALERTS/);
    expect(seen).not.toContain(new URL(database.url).password);
  });

  it('fails in strict mode when the task reads what it does not declare; tasks of Weir itself may', async () => {
    const strict = { DATABASE_URL: database.url, WEIR_ENGINE__STRICT: 'fail' };
    const own = await runWeir(['run', 'cleanup', '--project', folder], folder, strict);
    expect(own).toMatchObject({ code: 0 });
    const run = await runWeir(['run', 'look', '--force', '--project', folder], folder, strict);
    expect(run).toMatchObject({ code: 1, out: expect.stringContaining('environment all variables') });
  });
});
