import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/app/project/load-config.ts';
import { connectionsOf } from '../../../src/app/serve/connections.ts';

describe('configuration', () => {
  let folder = '';
  const write = (name: string, text: string): Promise<void> => writeFile(path.join(folder, 'config', name), text);

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'weir-config-'));
    await mkdir(path.join(folder, 'config'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('has a default for everything', async () => {
    const config = await loadConfig(folder, {});
    expect(config.server).toMatchObject({
      ...{ host: '127.0.0.1', port: 8080, url: '', hosts: [], trustProxy: [], uploadMaxMb: 1024 },
      ...{ reload: true, tls: { certFile: '', keyFile: '' } },
    });
    expect(config.schedules.ingest).toBe('* * * * *');
  });

  it('lets the environment’s file win over the base, setting by setting', async () => {
    await write('base.yaml', 'server:\n  port: 9000\n  host: localhost\n');
    await write('prod.yaml', 'server:\n  port: 9001\n');
    const config = await loadConfig(folder, { WEIR_ENV: 'prod' });
    expect(config.server).toMatchObject({ port: 9001, host: 'localhost' });
  });

  it('lets variables win over files, by path or by short name', async () => {
    await write('base.yaml', 'server:\n  port: 9000\n');
    const config = await loadConfig(folder, {
      WEIR_PORT: '9002',
      WEIR_ALERTS__TEAMS_URL: 'https://example.test/hook',
      WEIR_SCHEDULES__INGEST: '*/5 * * * *',
      WEIR_TRAINING__TEST_SHARE: '0.5',
    });
    expect(config.server.port).toBe(9002);
    expect(config.alerts.teamsUrl).toBe('https://example.test/hook');
    expect(config.schedules.ingest).toBe('*/5 * * * *');
    expect(config.training.testShare).toBe(0.5);
  });

  it('passes over variables and connections that are called like what objects inherit', async () => {
    await write('base.yaml', 'connections:\n  constructor:\n    kind: postgres\n    url: postgres://a\n');
    const config = await loadConfig(folder, { constructor: '1', toString: 'x', __proto__: 'y' } as never);
    expect(Object.keys(config.connections)).toContain('constructor');
    expect(() => connectionsOf(config, '').of('value-of')).toThrow(/Expected a connection named value-of/);
    expect(() => connectionsOf(config, '').of('toString')).toThrow(/Expected a connection named toString/);
  });

  it('does not let a file change what settings inherit', async () => {
    await write('base.yaml', '"__proto__":\n  server:\n    port: 1\n');
    await write('prod.yaml', '"__proto__":\n  server:\n    host: localhost\n');
    await expect(loadConfig(folder, { WEIR_ENV: 'prod' })).rejects.toThrow(/__proto__: unknown setting/);
  });

  it('gives pools of any name their sizes', async () => {
    await write('base.yaml', 'engine:\n  pools:\n    warehouse: 2\n');
    expect((await loadConfig(folder, {})).engine.pools).toEqual({ warehouse: 2 });
    await write('base.yaml', 'engine:\n  pools:\n    warehouse: 0\n');
    await expect(loadConfig(folder, {})).rejects.toThrow(/engine\.pools\.warehouse/);
  });

  it('refuses an unknown key, names its path and what is known there', async () => {
    await write('base.yaml', 'server:\n  prot: 9000\n');
    await expect(loadConfig(folder, {})).rejects.toThrow(
      /server\.prot: unknown setting; known here: host, port, .*, url, hosts/,
    );
  });

  it.each([
    ['server:\n  prot: 9000\n', 'server.prot', 'server.port'],
    ['sever:\n  port: 9000\n', 'sever', 'server'],
    ['port: 9000\n', 'port', 'server.port'],
    [
      'schedules:\n  ingest:\n    cron: 0 6 * * *\n    catchup: all\n',
      'schedules.ingest.catchup',
      'schedules.ingest.catchUp',
    ],
    ['connections:\n  shop:\n    kind: postgres\n    ulr: ""\n', 'connections.shop.ulr', 'connections.shop.url'],
    ['engine:\n  limits:\n    goal: 5\n', 'engine.limits.goal', 'engine.limits.goals'],
  ])('names the setting that was meant: %s', async (text, given, meant) => {
    await write('base.yaml', text);
    await expect(loadConfig(folder, {})).rejects.toThrow(
      new RegExp(`${given}: unknown setting; known here: .+\\. Did you mean ${meant}\\?`),
    );
  });

  it.each([
    ['WEIR_SERVER_PORT', 'serverPort', 'WEIR_SERVER__PORT'],
    ['WEIR_SERVER__PRT', 'server.prt', 'WEIR_SERVER__PORT'],
    ['WEIR_PROT', 'prot', 'WEIR_PORT'],
    ['WEIR_HOTS', 'hots', 'WEIR_HOST'],
    ['WEIR_LOG__FILE_MAX', 'log.fileMax', 'WEIR_LOG__FILES_MAX'],
  ])('names the variable that was meant by %s', async (variable, setting, meant) => {
    await expect(loadConfig(folder, { [variable]: '1' })).rejects.toThrow(
      new RegExp(`${setting.replace('.', '\\.')} \\(from ${variable}\\): unknown setting; .* Did you mean ${meant}\\?`),
    );
  });

  it('suggests nothing for a setting that is like none', async () => {
    await write('base.yaml', 'quicksilver: 1\n');
    await expect(loadConfig(folder, {})).rejects.not.toThrow(/Did you mean/);
  });

  it('says what may stand where one of several kinds may', async () => {
    await write('base.yaml', 'schedules:\n  ingest: 5\n');
    await expect(loadConfig(folder, {})).rejects.toThrow(
      /schedules\.ingest: Invalid input: expected string or mapping/,
    );
  });

  it('refuses an unknown variable as it refuses an unknown key', async () => {
    await expect(loadConfig(folder, { WEIR_SERVER__PROT: '1' })).rejects.toThrow(
      /server\.prot \(from WEIR_SERVER__PROT\): unknown setting; known here: host, port, .*, url, hosts/,
    );
  });

  it('names the path of a value of the wrong type', async () => {
    await write('base.yaml', 'duckdb:\n  threads: many\n');
    await expect(loadConfig(folder, {})).rejects.toThrow(/duckdb\.threads: .*number/);
  });

  it.each([
    ['server.limits.rows', 'rows: 0', 'expected integer from 1 to 10000'],
    ['server.limits.rows', 'rows: 20000', 'expected integer from 1 to 10000'],
    ['server.limits.bodyMb', 'bodyMb: 5000', 'expected number from 0.01 to 1024, in MB'],
    ['server.limits.receiveSeconds', 'receiveSeconds: -1', 'expected number from 0.1 to 3600, in seconds'],
  ])('says the range of a number that is beyond it: %s', async (setting, line, said) => {
    await write('base.yaml', `server:\n  limits:\n    ${line}\n`);
    await expect(loadConfig(folder, {})).rejects.toThrow(`${setting}: ${said}`);
  });

  it('refuses a file that is not YAML, and names it', async () => {
    await write('base.yaml', 'server: [unclosed\n');
    await expect(loadConfig(folder, {})).rejects.toThrow(/base\.yaml is not valid YAML/);
  });

  it('shows no text of a file that is not YAML, which may hold a password', async () => {
    await write('base.yaml', 'database:\n  url: postgres://weir:s3cret@db/weir\n  url: [unclosed\n');
    await expect(loadConfig(folder, {})).rejects.toThrow(/base\.yaml is not valid YAML: .* at line \d/);
    await expect(loadConfig(folder, {})).rejects.not.toThrow(/s3cret/);
  });

  it.each([
    'postgres://weir:s3/cret@db/weir',
    'postgres://weir:12/s3cret@db/weir',
    'postgres://weir:s3@cr/et@db/weir',
    'postgres://weir:s3#cret@db/weir',
    'postgres://weir:12#s3cret@db/weir',
    'postgres://weir:12?s3cret@db/weir',
    'db:5432/weir',
  ])('refuses an address whose password would be taken for something else, and does not show it: %s', async (url) => {
    for (const variable of ['DATABASE_URL', 'WEIR_CONNECTIONS__WAREHOUSE__URL']) {
      const environment = { [variable]: url, WEIR_CONNECTIONS__WAREHOUSE__KIND: 'postgres' };
      const refused = await loadConfig(folder, environment).catch((error: unknown) => String(error));
      expect(refused).toMatch(new RegExp(`url \\(from ${variable}\\): expected postgres://<user>`));
      // The name of the folder is random, and may hold anything.
      expect(String(refused).replaceAll(folder, '')).not.toMatch(/s3|cr|et@/);
    }
  });

  it.each([
    'postgres://weir:s3cret@db:5432/weir',
    'postgres://weir:s3@cret@db/weir',
    'postgres://weir:s3%2Fcr%23et@db/weir',
    'postgres://weir:s3 cret@db/weir',
    'postgres://weir:s3cret@/weir?host=/run/postgresql',
    'postgresql:///weir',
    'postgres://db/weir?user=me@example.org&password=s3cret',
    'socket:/run/postgresql?db=weir',
    '/run/postgresql weir',
    '',
  ])('takes every address that PostgreSQL’s client understands: %s', async (url) => {
    expect((await loadConfig(folder, { DATABASE_URL: url })).database.url).toBe(url);
  });

  it('gives channels of alerts their addresses by variables, and refuses one that two settings name', async () => {
    await write('base.yaml', 'alerts:\n  channels:\n    oncall:\n      kind: pagerduty\n      criticality: high\n');
    const config = await loadConfig(folder, {
      WEIR_ALERTS__CHANNELS__ONCALL__ROUTING_KEY: '00123456789',
      WEIR_ALERTS__CHANNELS__DATA_TEAM__KIND: 'slack',
      WEIR_ALERTS__CHANNELS__DATA_TEAM__URL: 'https://hooks.example/s3cret',
    });
    expect(config.alerts.channels).toMatchObject({
      oncall: { kind: 'pagerduty', routingKey: '00123456789', region: 'us', criticality: 'high', kinds: [] },
      dataTeam: { kind: 'slack', url: 'https://hooks.example/s3cret' },
    });
    const twice = { WEIR_ALERTS__TEAMS_URL: 'https://a.example/s3cret', WEIR_ALERTS__CHANNELS__TEAMS__KIND: 'teams' };
    await expect(loadConfig(folder, twice)).rejects.toThrow(
      /alerts\.channels\.teams .*the channel teams is also set by alerts\.teamsUrl/,
    );
  });

  it.each([
    ['kind: fax', /kind: .*`teams` or `slack` or `webhook` or `pagerduty` or `mail`/],
    ['kind: slack\n      url: "s3cret"', /channels\.chat\.url: /],
    [
      'kind: slack\n      urll: ""',
      /channels\.chat\.urll: unknown setting; known here: .*Did you mean alerts\.channels\.chat\.url\?/,
    ],
  ])('says what is wrong with a channel, and no secret: %s', async (text, problem) => {
    await write('base.yaml', `alerts:\n  channels:\n    chat:\n      ${text}\n`);
    const refused = String(await loadConfig(folder, {}).catch((error: unknown) => error));
    expect(refused).toMatch(problem);
    expect(refused).not.toContain('s3cret');
  });

  it('refuses a file that is no mapping', async () => {
    await write('base.yaml', '- port\n');
    await expect(loadConfig(folder, {})).rejects.toThrow(/must hold a mapping/);
  });

  it('refuses an environment that has no file', async () => {
    await expect(loadConfig(folder, { WEIR_ENV: 'moon' })).rejects.toThrow(/moon\.yaml/);
  });

  it('is valid in every environment of the example', async () => {
    for (const WEIR_ENV of ['dev', 'preprod', 'prod']) {
      const config = await loadConfig('examples/titanic', { WEIR_ENV });
      expect(config.connections).toHaveProperty('warehouse');
    }
  });
});
