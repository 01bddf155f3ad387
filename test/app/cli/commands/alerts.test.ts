import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { writeServerFile } from '../../../../src/app/serve/server-file.ts';
import { type Stub, startStub } from '../../../monitor/alerts/teams-stub.ts';
import { createTestDatabase } from '../../../postgres/create-test-database.ts';
import { type Ended, runWeir } from './run-weir.ts';

let database: Database;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-alerts-'));
  await mkdir(path.join(folder, '.weir'));
  await mkdir(path.join(folder, 'config'));
  await writeFile(
    path.join(folder, 'project.ts'),
    "import { defineProject } from 'weir';\nexport default defineProject({ name: 'plain', title: 'Plain' });\n",
  );
  await writeFile(
    path.join(folder, 'config', 'base.yaml'),
    'alerts:\n  rules:\n    disk-full: { threshold: 0.8, owner: ops }\n    orders-fail: { kind: run-failed, params: { pipeline: orders } }\n',
  );
  // As a Weir that runs over the project notes it.
  await writeServerFile(path.join(folder, '.weir'), { url: 'http://127.0.0.1:9', databaseUrl: database.url });
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const weir = (...args: readonly string[]): Promise<Ended> => runWeir(args, folder);
const why = ['--by', 'ann', '--reason', 'the disk is new'] as const;

describe('weir alerts', () => {
  it('lists the rules of the settings beside the default ones, with their states', async () => {
    await database.query(
      `insert into alert_rule_states (rule, state, since, value, had_data, evaluated_at)
       values ('disk-full', 'firing', '2026-03-01T10:00Z', 0.85, true, now())`,
    );
    const { code, out } = await weir('alerts', 'rules');
    expect(code).toBe(0);
    expect(out).toContain('  disk-full  firing  85 % of 80 %  high  since 2026-03-01T10:00:00.000Z\n');
    expect(out).toMatch(/^ {2}orders-fail {2}ok {2}– of 1 {2}medium$/m);
    expect(out).toMatch(/^ {2}database-unreachable /m);
  });

  it('acknowledges a firing rule once', async () => {
    expect(await weir('alerts', 'ack', 'disk-full', ...why)).toMatchObject({
      code: 0,
      out: 'disk-full is acknowledged\n',
    });
    expect((await weir('alerts', 'ack', 'disk-full', ...why)).code).toBe(1);
    expect((await weir('alerts', 'rules')).out).toContain('acknowledged by ann: the disk is new');
  });

  it('mutes a rule and unmutes it', async () => {
    expect((await weir('alerts', 'mute', 'disk-full', '--minutes', '30', ...why)).out).toMatch(
      /^disk-full is muted until /,
    );
    expect((await weir('alerts', 'unmute', 'disk-full', ...why)).code).toBe(0);
    expect((await weir('alerts', 'unmute', 'disk-full', ...why)).code).toBe(1);
  });

  it('changes a rule until it is reset, which wins over the settings', async () => {
    expect((await weir('alerts', 'change', 'disk-full', '--threshold', '0.95', '--for', '10', ...why)).out).toBe(
      'disk-full fires at 95 % for 10 min\n',
    );
    expect((await weir('alerts', 'change', 'disk-full', '--off', ...why)).out).toBe('disk-full is off\n');
    expect((await weir('alerts', 'reset', 'disk-full', ...why)).code).toBe(0);
    expect((await weir('alerts', 'rules')).out).toContain('disk-full  firing  85 % of 80 %');
    expect((await weir('alerts', 'change', 'disk-full', ...why)).err).toContain('Expected at least one change');
  });

  it('says when a rule would have fired, also one that is not there yet', async () => {
    await database.query(
      `insert into runs (pipeline, state, trigger, created_at, started_at, ended_at, settled_at)
       select 'orders', case when n = 3 then 'succeeded' else 'failed' end, 'manual', at, at, at, at
         from generate_series(1, 5) as n, lateral (select now() - n * interval '1 hour') as times (at)`,
    );
    const tried = await weir(
      'alerts',
      'try',
      'orders-twice',
      '--kind',
      'run-failed',
      '--param',
      'pipeline=orders',
      '--threshold',
      '2',
    );
    expect(tried.out).toMatch(/^orders-twice would have fired 2 times:\n.* at worst 2\n.* until now, at worst 2\n$/);
    expect((await weir('alerts', 'try', 'orders-fail', '--threshold', '4')).out).toMatch(
      /^orders-fail would not have fired /,
    );
    expect((await weir('alerts', 'rules')).out).not.toContain('orders-twice');
  });

  it('tells the history of a rule', async () => {
    expect((await weir('alerts', 'history', 'disk-full')).out).toBe(
      'The alert rule disk-full has not changed its state yet\n',
    );
    await database.query(
      `insert into alert_rule_transitions (rule, at, from_state, to_state, value, threshold) values ('disk-full', '2026-03-01T10:00Z', 'pending', 'firing', 0.85, 0.8)`,
    );
    expect((await weir('alerts', 'history', 'disk-full')).out).toBe(
      '  2026-03-01T10:00:00.000Z  pending to firing  85 %\n',
    );
  });

  it('refuses a rule that is not there, with the names of those that are', async () => {
    const { code, err } = await weir('alerts', 'ack', 'disk', ...why);
    expect([code, err]).toEqual([64, expect.stringContaining('disk-full')]);
  });
});

describe('weir alerts, about channels', () => {
  const stubs: Stub[] = [];
  afterAll(() => Promise.all(stubs.map((stub) => stub.close())));

  it('lists the channels of the settings without their addresses, and tests one', async () => {
    const stub = await startStub({ status: 200 }, { status: 404 });
    stubs.push(stub);
    const settings = {
      WEIR_ALERTS__CHANNELS__CHAT__KIND: 'slack',
      WEIR_ALERTS__CHANNELS__CHAT__URL: stub.url,
      WEIR_ALERTS__CHANNELS__CHAT__CRITICALITY: 'high',
      WEIR_ALERTS__PRIVATE_HOSTS: '127.0.0.1',
    };
    const run = (...args: readonly string[]) => runWeir(['alerts', ...args], folder, settings);
    expect(await run('test', 'chat')).toMatchObject({ code: 0, out: 'chat accepted the test message\n' });
    expect(JSON.parse(stub.received[0]?.body ?? '')).toMatchObject({ text: 'LOW: Test message of Weir' });
    expect(await run('test', 'chat')).toMatchObject({
      code: 1,
      out: 'chat did not accept the test message: the webhook answered HTTP 404\n',
    });
    expect(await run('channels')).toMatchObject({ code: 0, out: '  chat  slack  high and above  works\n' });
    const { items } = JSON.parse((await run('channels', '--json')).out);
    expect(items).toMatchObject([{ name: 'chat', kind: 'slack', state: 'closed', waiting: 0 }]);
    expect(JSON.stringify(items)).not.toMatch(/127\.0\.0\.1|top-secret/);
    expect(await run('test', 'fax')).toMatchObject({ code: 64, err: expect.stringContaining('(chat); got "fax"') });
  });

  it('sends nothing to a private address that the settings do not name, and says so without it', async () => {
    const stub = await startStub({ status: 200 });
    stubs.push(stub);
    for (const [kind, settings] of [
      ['webhook', { WEIR_ALERTS__CHANNELS__OUT__URL: stub.url }],
      [
        'mail',
        {
          WEIR_ALERTS__CHANNELS__OUT__HOST: 'localhost',
          WEIR_ALERTS__CHANNELS__OUT__FROM: 'weir@example.com',
          WEIR_ALERTS__CHANNELS__OUT__TO: 'data@example.com',
        },
      ],
    ] as const) {
      const environment = { WEIR_ALERTS__CHANNELS__OUT__KIND: kind, ...settings };
      const { code, out } = await runWeir(['alerts', 'test', 'out'], folder, environment);
      expect([code, out]).toEqual([1, expect.stringContaining('alerts.privateHosts')]);
      expect(out).not.toMatch(/127\.0\.0\.1|localhost|top-secret/);
    }
    expect(stub.received).toEqual([]);
  });

  it('says how to add a channel when there is none', async () => {
    expect((await weir('alerts', 'channels')).out).toContain('There is no alert channel; docs/channels.md');
  });
});
