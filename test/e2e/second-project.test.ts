import { cp, mkdtemp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Checks,
  type ContractAnswer,
  type Models,
  type PastPredictions,
  pastPredictions,
  predictAnswer,
  type Runs,
  reportFilePath,
} from '#api';
import { eventually, removeProject, startWeir, type WeirProcess } from './weir-process.ts';

const EVERY_SECOND = '* * * * * *';

/** The same loop over another contract: text ids, a category called order, three classes, a boolean. */
describe('a project that Weir has never heard of', () => {
  let folder = '';
  let weir: WeirProcess;
  let teams: TeamsStub;

  const get = async <T>(at: string): Promise<T> => {
    const answer = await fetch(new URL(at, weir.url));
    expect(answer.status, at).toBe(200);
    return (await answer.json()) as T;
  };

  beforeAll(async () => {
    teams = await openTeams();
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'weir-harvest-')), 'a folder with spaces');
    await cp('test/fixtures/harvest', folder, { recursive: true });
    weir = await startWeir({
      cwd: process.cwd(),
      command: ['node', 'bin/weir.mjs', 'serve', '--project', folder, '--port', '0'],
      env: {
        WEIR_SCHEDULES__INGEST: EVERY_SECOND,
        WEIR_SCHEDULES__PREDICT: EVERY_SECOND,
        WEIR_ALERTS__TEAMS_URL: teams.url,
        WEIR_ALERTS__PRIVATE_HOSTS: '127.0.0.1',
      },
    });
  });

  afterAll(async () => {
    await weir?.stop();
    teams?.server.close();
    if (folder !== '') await removeProject(folder, path.dirname(folder));
  });

  it('shows its contract, its model and its three classes', async () => {
    const contract = await get<ContractAnswer>('/api/contract');
    expect(contract.label).toBe('harvest');
    expect(contract.columns.find(({ name }) => name === 'harvest')?.categories).toEqual(['poor', 'fair', 'rich']);
    const models = await get<Models>('/api/models');
    expect(models.versions).toMatchObject([{ model: 'harvest', version: 1, aliases: ['champion'] }]);
  });

  it('predicts a row, and says what is wrong with another', async () => {
    const right = { order: "farmer's mix", rain: 100, irrigated: true };
    const answer = await post(weir.url, right);
    expect(answer.status).toBe(200);
    const { predictions } = predictAnswer.parse(await answer.json());
    expect(predictions).toMatchObject([
      { source: 'api', modelVersion: 'harvest@1', features: right, prediction: 'poor' },
    ]);

    const wrong = await post(weir.url, [right, { order: 'mud', rain: 5000, irrigated: true }]);
    expect(wrong.status).toBe(422);
    const { problems } = (await wrong.json()) as { problems: { row: number; field: string }[] };
    expect(problems.map(({ row, field }) => `${row} ${field}`).sort()).toEqual(['1 order', '1 rain']);
  });

  it('splits what arrives and predicts the good rows on schedule, once', async () => {
    const lines = [
      'plot code,order,rain,irrigated',
      'ZZ-1,clay,120,true',
      'ZZ-2,"farmer\'s mix",800,false',
      'zz,clay,10,true',
      'ZZ-4,clay,wet,true',
    ];
    await writeFile(path.join(folder, 'raw-data', '.plots.csv'), `${lines.join('\n')}\n`);
    await rename(path.join(folder, 'raw-data', '.plots.csv'), path.join(folder, 'raw-data', 'plots.csv'));
    const check = await eventually('the check of plots.csv', async () =>
      (await get<Checks>('/api/checks')).items.find(({ file }) => file === 'plots.csv'),
    );
    expect(check).toMatchObject({ rows: { in: 4, good: 2, bad: 2, rejected: 0 }, verdict: 'fail' });

    const page = await eventually('two scheduled predictions', async () => {
      const found = pastPredictions.parse(await get<PastPredictions>('/api/past-predictions?source=scheduled'));
      return found.items.length >= 2 ? found : undefined;
    });
    expect(page.items.map(({ features }) => features.rain).sort()).toEqual([120, 800]);
    expect(page.items.map(({ prediction }) => prediction).sort()).toEqual(['poor', 'rich']);

    // Runs before the file came were skipped as well: they knew of no file.
    await eventually('a prediction run that knows the file and is skipped', async () => {
      const { items } = await get<Runs>('/api/runs?pipeline=predict&state=skipped');
      return items.find(({ reason }) => reason === 'nothing new in good-data: 1 file there is predicted');
    });
    const again = await get<PastPredictions>('/api/past-predictions?source=scheduled');
    expect(again.items).toHaveLength(2);
    const [good] = await readdir(path.join(folder, 'good-data'));
    expect(await readFile(path.join(folder, 'good-data', good ?? ''), 'utf8')).toContain('ZZ-1,clay,120,true');
  });

  it('tells the Teams channel of the bad file, with its criticality and a link to a report that opens', async () => {
    const card = await eventually('a card in Teams', async () =>
      teams.cards.find((text) => text.includes('plots.csv')),
    );
    expect(card).toMatch(/high/i);
    const link = /"url":"(http[^"]+\/reports\/[^"]+)"/.exec(card)?.[1] ?? '';
    const page = await fetch(link, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(200);
    const report = await fetch(new URL(reportFilePath(link.split('/').at(-1) ?? ''), link));
    expect(report.status).toBe(200);
    expect(await report.text()).toContain('plots.csv');
  });

  it('starts again over the same state, keeps what it knew, and leaves a paused pipeline alone', async () => {
    const paused = await post(weir.url, { by: 'ada', reason: 'the files are wrong' }, '/api/schedules/ingest/pause');
    expect(paused.status).toBe(200);
    await eventually('the end of the last ingestion', async () => {
      const { items } = await get<Runs>('/api/runs?pipeline=ingest&limit=1');
      return items[0]?.endedAt ?? undefined;
    });
    const { items: before } = await get<Runs>('/api/runs?pipeline=ingest&limit=1');
    expect(await weir.stop()).toBe(0);
    const stoppedAt = new Date().toISOString();
    weir = await startWeir({
      cwd: process.cwd(),
      command: ['node', 'bin/weir.mjs', 'serve', '--project', folder, '--port', '0'],
    });
    const models = await get<Models>('/api/models');
    expect(models.versions).toHaveLength(1);
    const kept = await get<PastPredictions>('/api/past-predictions?source=scheduled');
    expect(kept.items).toHaveLength(2);
    // The last of those that run once at the start.
    await eventually('the prediction run of the start', async () => {
      const { items } = await get<Runs>('/api/runs?pipeline=predict&limit=20');
      return items.find((run) => run.trigger === 'start' && run.createdAt > stoppedAt && run.endedAt !== null);
    });
    expect((await get<Runs>('/api/runs?pipeline=ingest&limit=1')).items).toEqual(before);
  });
});

function post(url: string, body: unknown, at = '/api/predict'): Promise<Response> {
  return fetch(new URL(at, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

interface TeamsStub {
  readonly url: string;
  readonly server: Server;
  readonly cards: string[];
}

/** Teams cannot exist here: a loopback server that takes what is posted. The card's schema is tested in test/monitor. */
function openTeams(): Promise<TeamsStub> {
  const cards: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      cards.push(text);
      response.writeHead(202).end();
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      resolve({ url: `http://127.0.0.1:${port}/workflow?sig=secret`, server, cards });
    });
  });
}
