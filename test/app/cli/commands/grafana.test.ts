import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTACT_POINTS } from '#monitor';
import { connect, type EmbeddedPostgres, startEmbeddedPostgres } from '#store';
import { CONTACT_POINT_NAMES } from '../../../../src/app/cli/commands/grafana/command.ts';
import { runWeir } from './run-weir.ts';

const project = (label: string, title = 'Parcels') => `
import { category, defineContract, defineProject, fromFiles, integer, knn, linearRegression, number, text } from 'weir';

export default defineProject({
  name: 'parcels',
  title: ${JSON.stringify(title)},
  contract: defineContract({
    name: 'parcels',
    columns: {
      number: integer({ role: 'id', unique: true }),
      weight: number({ min: 0 }),
      ${label}
    },
  }),
  estimator: mean(),
  training: fromFiles('parcels.csv'),
});
`;
const CLASSES = project("outcome: category(['light', 'heavy'], { role: 'label' }),").replace('mean()', 'knn({ k: 3 })');
const NUMBERS = project("price: number({ role: 'label' }),", 'A/B $HOME').replace('mean()', 'linearRegression()');
const SENSITIVE = CLASSES.replace('number({ min: 0 })', 'number({ min: 0, sensitive: true })');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-grafana-'));
  // As root the server runs as somebody else, who must be able to go in.
  await chmod(folder, 0o711);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const exported = async (source: string, ...args: readonly string[]) => {
  await writeFile(path.join(folder, 'project.ts'), source);
  return runWeir(['grafana', 'export', '--into', 'out', ...args], folder);
};
const filesOf = async (): Promise<readonly string[]> => {
  const entries = await readdir(path.join(folder, 'out'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) => path.relative(path.join(folder, 'out'), path.join(parentPath, name)))
    .sort();
};
const textOf = (name: string): Promise<string> => readFile(path.join(folder, 'out', name), 'utf8');

describe('weir grafana export', () => {
  it('writes the dashboards of the project and how Grafana finds them, without a database', async () => {
    const { code, out } = await exported(CLASSES);
    expect(code).toBe(0);
    expect(out).toContain('GRAFANA_WEIR_DATABASE_PASSWORD');
    expect(await filesOf()).toEqual([
      'dashboards/weir-parcels-drift-and-predictions.json',
      'dashboards/weir-parcels-ingested-data.json',
      'provisioning/alerting/weir-parcels-rules.yaml',
      'provisioning/dashboards/weir-parcels.yaml',
      'provisioning/datasources/weir-parcels.yaml',
    ]);
    expect(JSON.parse(await textOf('dashboards/weir-parcels-ingested-data.json'))).toMatchObject({
      uid: 'weir-parcels-ingested-data',
    });
    const rules = await textOf('provisioning/alerting/weir-parcels-rules.yaml');
    expect(rules).toContain('uid: weir-parcels-rule-bad-files');
    expect(rules).toContain('uid: weir-parcels-rule-predict-late');
  });

  it('replaces what an earlier export wrote and no longer belongs there, and no other file', async () => {
    await exported(CLASSES);
    await mkdir(path.join(folder, 'out/provisioning/alerting'), { recursive: true });
    await writeFile(path.join(folder, 'out/provisioning/alerting/ours.yaml'), 'apiVersion: 1\n');
    await writeFile(path.join(folder, 'out/dashboards/ours.json'), '{}');
    expect((await exported(NUMBERS)).code).toBe(0);
    const files = await filesOf();
    expect(files).toContain('dashboards/weir-parcels-drift-and-predicted-numbers.json');
    expect(files).not.toContain('dashboards/weir-parcels-drift-and-predictions.json');
    expect(files).toEqual(expect.arrayContaining(['provisioning/alerting/ours.yaml', 'dashboards/ours.json']));
  });

  it('writes a title so that Grafana fills in no variable and makes no folder within', async () => {
    await exported(NUMBERS);
    expect(await textOf('provisioning/dashboards/weir-parcels.yaml')).toContain('folder: "Weir: A-B $$HOME"');
  });

  it('leaves out panels that would show values of sensitive columns', async () => {
    await exported(SENSITIVE);
    const { panels } = JSON.parse(await textOf('dashboards/weir-parcels-drift-and-predictions.json'));
    const titles = panels.map(({ title }: { readonly title: string }) => title);
    expect(titles).not.toContain('Latest predictions');
    expect(titles).toContain('Predictions');
  });

  it('writes contact points whose secrets are variables, and policies when asked', async () => {
    const { code, out } = await exported(CLASSES, '--contact-points', 'slack', 'mail', '--policies', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      variables: expect.arrayContaining(['GRAFANA_WEIR_SLACK_URL', 'GRAFANA_WEIR_MAIL_ADDRESSES']),
    });
    expect(await textOf('provisioning/alerting/weir-parcels-contact-points.yaml')).toContain('$GRAFANA_WEIR_SLACK_URL');
    expect(await textOf('provisioning/alerting/weir-parcels-policies.yaml')).toContain('receiver: "Weir: Parcels"');
    await exported(CLASSES);
    expect(await filesOf()).not.toContain('provisioning/alerting/weir-parcels-policies.yaml');
  });

  it('refuses policies without contact points, which say where alerts go', async () => {
    const { code, err } = await exported(CLASSES, '--policies');
    expect({ code, err }).toEqual({ code: 64, err: expect.stringContaining('Expected --contact-points <kinds...>') });
  });

  it('offers every kind of contact point', () => {
    expect(CONTACT_POINT_NAMES).toEqual(CONTACT_POINTS);
  });
});

describe('weir grafana allow and deny', () => {
  let postgres: EmbeddedPostgres;
  beforeAll(async () => {
    postgres = await startEmbeddedPostgres({ stateFolder: path.join(folder, 'server'), log: () => {} });
    await writeFile(path.join(folder, 'project.ts'), CLASSES);
  });
  afterAll(() => postgres.stop());

  const weir = (...args: readonly string[]) => runWeir(['grafana', ...args], folder, { DATABASE_URL: postgres.url });
  const read = async (password: string) => {
    const url = new URL(postgres.url);
    Object.assign(url, { username: 'weir_reader', password });
    const reader = connect({ url: url.href, poolSize: 1 });
    return reader.query('select id from weir.checks').finally(() => reader.close());
  };

  it('let Grafana read with the password of a file, and no longer', async () => {
    await writeFile(path.join(folder, 'password'), 'correct horse battery\nnot this\n');
    expect(await weir('allow', '--password-file', 'password')).toMatchObject({ code: 0 });
    expect(await read('correct horse battery')).toEqual([]);
    expect(await weir('deny')).toMatchObject({ code: 0 });
    await expect(read('correct horse battery')).rejects.toThrow(/authentication failed/);
  });

  it('refuse a password that is short or not ASCII, and a file that is not there', async () => {
    for (const [text, said] of [
      ['short', 'it has 5'],
      ['a password with ü in it', 'others among them'],
    ] as const) {
      await writeFile(path.join(folder, 'password'), text);
      const { code, err } = await weir('allow', '--password-file', 'password');
      expect({ code, err }).toEqual({ code: 64, err: expect.stringContaining(said) });
      expect(err).not.toContain(text);
    }
    expect(await weir('allow', '--password-file', 'nowhere')).toMatchObject({ code: 64 });
  });
});
