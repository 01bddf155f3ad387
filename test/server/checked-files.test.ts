import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkedFilePath, reportFilePath, routes } from '#api';
import { type CheckResult, renderReport, saveCheck, withoutValues } from '#contracts';
import { ingestedFile, localPlaces } from '#pipelines';
import type { ServerFiles } from '#server';
import { parcels } from './parcels.ts';
import { ask, createWorld, type World } from './world.ts';

const ID = 'arrival-7';
const BAD_ROWS = 'line,id,weight\n2,1,51\n';
const result: CheckResult = {
  ...{ contract: 'parcels', file: 'monday.csv', digest: 'e'.repeat(64), sizeBytes: 120, durationMs: 1 },
  ...{ rows: { in: 3, good: 2, bad: 1, rejected: 0 }, verdict: 'fail', criticality: 'medium' },
  ...{ violations: [], expectations: [], columns: [], summary: '1 of 3 rows is bad' },
};

let project: string;
let world: World;
let closed: World;
beforeAll(async () => {
  project = await mkdtemp(path.join(tmpdir(), 'weir-checked-files-'));
  const at = (name: string): string => path.join(project, name);
  const folders = { raw: at('raw-data'), good: at('good-data'), bad: at('bad-data'), labels: at('label-data') };
  await mkdir(folders.bad);
  await writeFile(path.join(folders.bad, `monday.${ID}.csv`), BAD_ROWS);
  await mkdir(folders.good);
  await writeFile(at('secret.csv'), 'secret');
  await symlink(at('secret.csv'), path.join(folders.good, `monday.${ID}.csv`));
  const start = async (contract: typeof parcels): Promise<World> => {
    const files: ServerFiles = {
      receive: () => Promise.reject(new Error('not here')),
      list: async () => ({ files: [], count: 0 }),
      open: localPlaces.open,
      ofCheck: async ({ id, file, ...check }) => {
        const { runId, parts } = await ingestedFile(started.database, { folders, id, file, check });
        return {
          runId,
          parts: parts.map((part) => ({ ...part, file: part.path, path: path.relative(project, part.path) })),
        };
      },
    };
    const started = await createWorld({ files, contract });
    const { digest } = await started.artifacts.put(Buffer.from(renderReport(result)));
    await saveCheck(started.database, { id: ID, result, reportDigest: digest });
    await started.database.query(
      `insert into arrivals (id, path, digest, size_bytes, run_id) values ($1, 'monday.csv', 'd', 1, 41)`,
      [ID],
    );
    return started;
  };
  world = await start(parcels);
  closed = await start(withoutValues(parcels));
});
afterAll(async () => {
  await world.close();
  await closed.close();
  await rm(project, { recursive: true, force: true });
});

describe('the files of a check', () => {
  it('are named relative to the project, with a download and the run that placed them', async () => {
    const { json } = await ask(world, routes.check, { params: { id: ID } });
    expect(json).toMatchObject({
      runId: '41',
      parts: [
        {
          ...{ part: 'bad', path: `bad-data/monday.${ID}.csv`, sizeBytes: BAD_ROWS.length },
          url: `/api/checks/${ID}/files/bad`,
        },
      ],
    });
    const report = await world.server.inject(reportFilePath(ID));
    expect(report.body).toContain(`<dt>Bad rows</dt><dd><code>bad-data/monday.${ID}.csv</code></dd>`);
  });

  it('are downloaded under their own name', async () => {
    const answer = await world.server.inject(checkedFilePath(ID, 'bad'));
    expect(answer.body).toBe(BAD_ROWS);
    expect(answer.headers['content-disposition']).toBe(`attachment; filename*=UTF-8''monday.${ID}.csv`);
  });

  it('are only those that the run placed: no link, no other name, no other check', async () => {
    for (const [id, part, code] of [
      [ID, 'good', 'file_missing'],
      [ID, 'rejected', 'file_missing'],
      ['nowhere', 'bad', 'check_unknown'],
      [ID, '..%2f..%2fsecret.csv', 'request_invalid'],
    ] as const) {
      const answer = await world.server.inject(`/api/checks/${id}/files/${part}`);
      expect([answer.json().code, part]).toEqual([code, part]);
    }
  });

  it('are named and not sent where a column is sensitive', async () => {
    const { json } = await ask(closed, routes.check, { params: { id: ID } });
    expect(json.parts).toMatchObject([{ path: `bad-data/monday.${ID}.csv`, url: null }]);
    const answer = await closed.server.inject(checkedFilePath(ID, 'bad'));
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'file_sensitive']);
    expect(answer.body).toContain(`bad-data/monday.${ID}.csv`);
  });
});

describe('a report within a page', () => {
  it('has the colours of the page, and those of the system otherwise', async () => {
    const dark = await world.server.inject(`${reportFilePath(ID)}?scheme=dark`);
    expect(dark.body).toContain('<html lang="en" data-scheme="dark">');
    expect((await world.server.inject(reportFilePath(ID))).body).toContain('<html lang="en">');
  });
});
