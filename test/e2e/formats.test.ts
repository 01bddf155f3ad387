import { cp, mkdtemp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Checks,
  type ContractAnswer,
  type PastPredictions,
  type PredictionJob,
  pastPredictions,
  reportFilePath,
} from '#api';
import { zipOf } from '../contracts/compressed.ts';
import { canTestPages, launchChromium, PATIENCE_MS } from './web/browser.ts';
import { eventually, removeProject, startWeir, type WeirProcess } from './weir-process.ts';

const EVERY_SECOND = '* * * * * *';
const FORMAT = `format: {
    delimiter: ';', decimal: ',', thousands: '.', skipLines: 1, headerRows: 2, hasTrailingDelimiter: true,
    encoding: 'windows-1252', comment: '#', nulls: ['k.A.'], booleans: { true: ['ja'], false: ['nein'] },
  },
  columns: {`;
/** Two rows that are good, two that are bad, and one that is none. */
const LINES = [
  'Erträge für 2026; Stand: März',
  'plot;order;rain;irrigated;',
  'code;;;;',
  'ZZ-1;clay;120,5;ja;',
  '# von Hand ergänzt',
  "ZZ-2;farmer's mix;1.800,0;nein;",
  'ZZ-3;clay;2.500,25;ja;',
  'ZZ-4;clay;naß;k.A.;',
  'ZZ-5;clay;12;',
];

/** What arrives in the form of a country, through everything that takes files. */
describe('a project whose files have a format', () => {
  let folder = '';
  let weir: WeirProcess;

  const get = async <T>(at: string): Promise<T> => {
    const answer = await fetch(new URL(at, weir.url));
    expect(answer.status, at).toBe(200);
    return (await answer.json()) as T;
  };
  /** The file of a part, which may be put into its place after the check is told. */
  const partOf = (name: string): Promise<string> =>
    eventually(`a file in ${name}`, async () => {
      const files = await readdir(path.join(folder, name), { recursive: true });
      const file = files.find((each) => each.endsWith('.csv'));
      return file && readFile(path.join(folder, name, file), 'utf8');
    });
  const checkOf = (name: string) =>
    eventually(`the check of ${name}`, async () =>
      (await get<Checks>('/api/checks')).items.find(({ file }) => file === name),
    );
  const drop = async (name: string, bytes: Buffer): Promise<void> => {
    await writeFile(path.join(folder, 'raw-data', `.${name}`), bytes);
    await rename(path.join(folder, 'raw-data', `.${name}`), path.join(folder, 'raw-data', name));
  };

  beforeAll(async () => {
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'weir-formats-')), 'project');
    await cp('test/fixtures/harvest', folder, { recursive: true });
    const project = await readFile(path.join(folder, 'project.ts'), 'utf8');
    await writeFile(path.join(folder, 'project.ts'), project.replace('columns: {', FORMAT));
    weir = await startWeir({
      cwd: process.cwd(),
      command: ['node', 'bin/weir.mjs', 'serve', '--project', folder, '--port', '0'],
      env: { WEIR_SCHEDULES__INGEST: EVERY_SECOND, WEIR_SCHEDULES__PREDICT: EVERY_SECOND },
    });
  });
  afterAll(async () => {
    await weir?.stop();
    if (folder !== '') await removeProject(folder, path.dirname(folder));
  });

  it('says the format beside its columns', async () => {
    const { format } = await get<ContractAnswer>('/api/contract');
    expect(format).toMatchObject({ delimiter: ';', decimal: ',', headerRows: 2, nulls: ['k.A.'] });
  });

  it('splits what arrives: good rows in the default form, bad ones as they were written', async () => {
    await drop('plots.csv', Buffer.from(`${LINES.join('\r\n')}\r\n`, 'latin1'));
    const check = await checkOf('plots.csv');
    expect(check).toMatchObject({ rows: { in: 5, good: 2, bad: 2, rejected: 1 }, verdict: 'fail' });
    expect(await partOf('good-data')).toBe(
      "plot code,order,rain,irrigated\nZZ-1,clay,120.5,true\nZZ-2,farmer's mix,1800.0,false\n",
    );
    const rows = (await partOf('bad-data')).split('\n');
    expect(rows.slice(1, 3)).toEqual([
      expect.stringMatching(/^7,ZZ-3,clay,"2\.500,25",ja,/),
      expect.stringMatching(/^8,ZZ-4,clay,naß,k\.A\.,/),
    ]);
    const report = await fetch(new URL(reportFilePath(String(check.id)), weir.url));
    expect(report.status).toBe(200);
    const page = await report.text();
    expect(page).toContain('2.500,25');
    expect(page).toContain('naß');
  });

  it('predicts the good rows as any others', async () => {
    const page = await eventually('two scheduled predictions', async () => {
      const found = pastPredictions.parse(await get<PastPredictions>('/api/past-predictions?source=scheduled'));
      return found.items.length >= 2 ? found : undefined;
    });
    expect(page.items.map(({ features }) => features.rain).sort()).toEqual([120.5, 1800]);
  });

  it('takes the same file in a zip', async () => {
    const again = `${LINES.join('\n')}\n`.replaceAll('ZZ-', 'YY-');
    await drop('more.csv.zip', zipOf({ 'more.csv': Buffer.from(again, 'latin1') }));
    expect(await checkOf('more.csv.zip')).toMatchObject({ rows: { in: 5, good: 2, bad: 2, rejected: 1 } });
  });

  it('predicts a file that is sent, refuses its bad rows with their lines, and gives results in the default form', async () => {
    const sound = Buffer.from(`${LINES.slice(0, -3).join('\n')}\n`, 'latin1');
    const done = await jobOf('sent.csv', sound);
    expect(done).toMatchObject({ state: 'succeeded', rows: { in: 2, predicted: 2, refused: 0 } });
    const text = await resultOf(done);
    expect(text).toMatch(/^line,prediction_id,/);
    expect(text).toContain(',120.5,');
    expect(text).toContain(',1800,');

    const mixed = await jobOf('mixed.csv', Buffer.from(`${LINES.join('\n')}\n`, 'latin1'));
    expect(mixed).toMatchObject({ state: 'succeeded', rows: { in: 5, predicted: 2, refused: 3 } });
    const refused = (await resultOf(mixed)).split('\n').filter((line) => /^[789],/.test(line));
    expect(refused.map((line) => line.slice(0, 2)).sort()).toEqual(['7,', '8,', '9,']);
    expect(refused.join('\n')).toMatch(/rain/);
  });

  it.skipIf(!canTestPages())('shows the format on its pages, and reads by it what a browser is given', async () => {
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      await page.goto(new URL('/data', weir.url).href);
      await page.getByText('Before the fraction of a number stands a comma.').waitFor();
      await page.goto(new URL('/predict', weir.url).href);
      await page.getByRole('tab', { name: 'CSV file' }).click();
      await page.getByText('2 rows name the columns.').waitFor();

      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Template' }).click(),
      ]);
      const template = await readFile(await download.path());
      expect(template.toString()).toMatch(/^\ufeff\n[^\n]*;rain;irrigated;\n;;;;\n.*;ja;\n$/);
      const choose = (name: string, buffer: Buffer) =>
        page.setInputFiles('input[type=file]', { name, mimeType: 'application/octet-stream', buffer });
      await choose('template.csv', template);
      await page.getByRole('button', { name: 'Predict 1 row' }).waitFor();
      await choose('rows.csv.zip', zipOf({ 'rows.csv': Buffer.from(`${LINES.join('\n')}\n`, 'latin1') }));
      await page.getByText('3 rows with problems', { exact: true }).waitFor();
      await page.getByText('got "naß"').first().waitFor();
      await choose('rows.csv.zip', zipOf({ a: template, b: template }));
      await page.getByText('it has 2 files (a, b …); one is expected').first().waitFor();
    } finally {
      await browser.close();
    }
  });

  async function resultOf({ id }: PredictionJob): Promise<string> {
    const answer = await fetch(new URL(`/api/prediction-jobs/${id}/result?format=csv`, weir.url));
    expect(answer.status).toBe(200);
    const bytes = Buffer.from(await answer.arrayBuffer());
    return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
  }

  async function jobOf(name: string, bytes: Buffer): Promise<PredictionJob> {
    const answer = await fetch(new URL(`/api/prediction-jobs?name=${name}`, weir.url), {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(bytes),
    });
    expect(answer.status).toBe(200);
    const { id } = (await answer.json()) as PredictionJob;
    return eventually(`the end of the job of ${name}`, async () => {
      const job = await get<PredictionJob>(`/api/prediction-jobs/${id}`);
      return ['succeeded', 'failed'].includes(job.state) ? job : undefined;
    });
  }
});
