import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bucket, type Database, openBucket, toS3Address } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { type Ceph, canTestBuckets, startCeph } from '../../store/s3/ceph.ts';
import { PARCELS_PROJECT } from '../cli/commands/parcels-project.ts';
import { type Ended, runWeir } from '../cli/commands/run-weir.ts';

const GOOD = 'number,weight,outcome\n1,2.5,light\n2,80,heavy\n';
const BAD = '3,-1,light\n';

describe.runIf(canTestBuckets())('a project whose data and artifacts are in buckets', () => {
  let ceph: Ceph;
  let database: Database;
  let folder: string;
  let bucket: Bucket;
  beforeAll(async () => {
    [ceph, database] = await Promise.all([startCeph(), createTestDatabase()]);
    await ceph.createBucket('data');
    bucket = await openBucket(toS3Address('s3://data'), ceph.settings);
    folder = await mkdtemp(path.join(tmpdir(), 'weir-folders-in-buckets-'));
    await writeFile(path.join(folder, 'project.ts'), PARCELS_PROJECT);
    await mkdir(path.join(folder, 'config'));
    await writeFile(
      path.join(folder, 'config', 'base.yaml'),
      [
        'artifacts: s3://data/artifacts',
        `s3: { endpoint: "${ceph.settings.endpoint}", accessKeyId: TESTKEY }`,
        'folders: { raw: s3://data/raw/, good: s3://data/good, bad: s3://data/bad, labels: s3://data/labels }',
        '',
      ].join('\n'),
    );
    await writeFile(path.join(folder, 'parcels.csv'), `${GOOD}${BAD}`);
  }, 600_000);
  afterAll(async () => {
    await database?.close();
    await ceph?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  const weir = (args: readonly string[], executor: 'process' | 'inline' = 'inline'): Promise<Ended> =>
    runWeir(args, folder, {
      ...{ DATABASE_URL: database.url, WEIR_ENGINE__EXECUTOR: executor },
      WEIR_S3__SECRET_ACCESS_KEY: ceph.settings.secretAccessKey,
    });
  const put = (key: string, content: string): Promise<void> => {
    const bytes = Buffer.from(content);
    return bucket.write(key, { sizeBytes: bytes.length, read: async (from, to) => bytes.subarray(from, to) });
  };
  const keys = async (prefix: string): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const { key } of bucket.list({ prefix })) found.push(key);
    return found;
  };
  const read = async (key = ''): Promise<string> => {
    const found = await bucket.maybeRead(key);
    return found === undefined ? 'nothing' : text(found.stream);
  };

  it('takes a file of the user into raw, and says where its rows are', async () => {
    const { code, out, err } = await weir(['ingest', 'parcels.csv', '--json'], 'process');
    expect(code, err).toBe(1);
    const { places, check } = JSON.parse(out);
    expect(check.rows).toEqual({ in: 3, good: 2, bad: 1, rejected: 0 });
    expect(places.good).toMatch(/^s3:\/\/data\/good\/parcels\.arrival-\d+\.csv$/);
    expect(await read(places.good.replace('s3://data/', ''))).toBe(GOOD);
    expect(await read((await keys('bad/'))[0])).toContain('3,-1,light');
    expect(await keys('raw/')).toEqual([]);
    expect(await readdir(folder)).toEqual(expect.not.arrayContaining(['raw-data', 'good-data', 's3:']));
  }, 300_000);

  it('ingests what others put there, takes its labels and looks at it for drift', async () => {
    for (const name of ['one', 'two']) await put(`raw/${name}.csv`, GOOD);
    for (let run = 0; run < 2; run++) {
      const ingested = await weir(['run', 'ingest']);
      expect(ingested.code, ingested.out + ingested.err).toBe(0);
    }
    expect(await keys('raw/')).toEqual([]);
    expect(await keys('good/')).toHaveLength(3);
    await put('labels/outcomes.csv', 'number,outcome\n1,heavy\n');
    const labels = await weir(['run', 'labels']);
    expect(labels.code, labels.out + labels.err).toBe(0);
    expect(await keys('labels/')).toEqual([]);
    const monitor = await weir(['run', 'monitor']);
    expect(monitor.code, monitor.out + monitor.err).toBe(0);
  }, 300_000);

  it('is refused with the setting and what is expected when an address is wrong', async () => {
    const { code, err } = await runWeir(['run', 'ingest'], folder, {
      ...{ DATABASE_URL: database.url, WEIR_FOLDERS__RAW: 's3://Data/raw' },
    });
    expect(code).not.toBe(0);
    expect(err).toContain('folders.raw (from WEIR_FOLDERS__RAW): expected a folder, or s3://<bucket>/<prefix>');
  });
});
