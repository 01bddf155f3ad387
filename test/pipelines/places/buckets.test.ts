import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DataPlaces, placesOver } from '#pipelines';
import { type Bucket, type Database, openBucket, toS3Address } from '#store';
import { chooseKills } from '../../kills/choose-kills.ts';
import { type KilledEnd, runToKill } from '../../kills/run-to-kill.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { type Ceph, canTestBuckets, startCeph } from '../../store/s3/ceph.ts';
import { testDataPlaces } from '../../suites/data-places.ts';
import { HEADER } from '../world.ts';

describe.runIf(canTestBuckets())('buckets as data folders', () => {
  let ceph: Ceph;
  let database: Database;
  let root: string;
  beforeAll(async () => {
    [ceph, database] = await Promise.all([startCeph(), createTestDatabase()]);
    root = await mkdtemp(path.join(tmpdir(), 'weir-bucket-places-'));
    for (const name of ['suite', 'killed', 'damaged']) await ceph.createBucket(name);
  }, 600_000);
  afterAll(async () => {
    await database?.close();
    await ceph?.stop();
    await rm(root, { recursive: true, force: true });
  }, 60_000);

  const open = (address: string): Promise<Bucket> => openBucket(toS3Address(address), ceph.settings);
  const upload = async (bucket: Bucket, { key, content }: { key: string; content: Uint8Array }): Promise<void> =>
    bucket.write(key, { sizeBytes: content.length, read: async (from, to) => content.subarray(from, to) });

  testDataPlaces('a bucket', async () => {
    const bucket = await open('s3://suite/data');
    const places = placesOver([{ address: 's3://suite/data', bucket }], path.join(root, 'receiving'));
    return {
      ...{ places, folder: 's3://suite/data' },
      put: (name, content) => upload(bucket, { key: name, content }),
    };
  });

  /** Everything below a bucket: its text by its key, without what arrivals are called. */
  async function contents(name: string): Promise<Readonly<Record<string, string>>> {
    const bucket = await open(`s3://${name}`);
    const found: Record<string, string> = {};
    for await (const { key } of bucket.list()) {
      const content = await bucket.maybeRead(key);
      found[key.replace(/\.arrival-\d+/, '')] = content === undefined ? '' : await text(content.stream);
    }
    return found;
  }

  const clear = async (name: string): Promise<void> => {
    const bucket = await open(`s3://${name}`);
    for await (const { key } of bucket.list()) await bucket.remove(key);
    await database.query(
      'truncate runs, manifests, claims, sink_markers, arrivals, consumed_files, check_receipts, checks, alerts cascade',
    );
  };
  const ingest = (bucket: string, target = 'none'): Promise<KilledEnd> =>
    runToKill('ingest-from-buckets', {
      databases: [database],
      args: [JSON.stringify(ceph.settings), bucket, path.join(root, bucket), target],
    });
  const MIXED = ['1,2.5,small,true,', '2,10,large,,', '3,51,small,true,', '4,1,huge,true,', '5,1,small'];

  /** What must have come of the one file, however often its ingestion was killed. */
  async function assertIngestedOnce(): Promise<void> {
    const found = await contents('killed');
    expect(Object.keys(found).sort()).toEqual(['bad/mixed.csv', 'bad/rejected/mixed.jsonl', 'good/mixed.csv']);
    expect(found['good/mixed.csv']).toBe(`${[HEADER, ...MIXED.slice(0, 2)].join('\n')}\n`);
    // Behind the number of their line.
    expect(found['bad/mixed.csv']).toMatch(/^line,.*\n4,3,51,.*\n5,4,1,huge,.*\n$/);
    expect(found['bad/rejected/mixed.jsonl']).toContain('5,1,small');
    expect(
      await database.query(
        'select rows_in::int as in, rows_good::int as good, rows_bad::int as bad, rows_rejected::int as rejected from checks',
      ),
    ).toEqual([{ in: 5, good: 2, bad: 2, rejected: 1 }]);
    expect(await database.query('select count(*)::int from alerts')).toEqual([{ count: 1 }]);
    expect(await database.query(`select count(*)::int from arrivals where outcome = 'ingested'`)).toEqual([
      { count: 1 },
    ]);
  }

  it('lose and double nothing when the process is killed anywhere between arrival and removal', async () => {
    const arrive = async (): Promise<void> => {
      await clear('killed');
      const content = Buffer.from(`${[HEADER, ...MIXED].join('\n')}\n`);
      await upload(await open('s3://killed'), { key: 'raw/mixed.csv', content });
    };
    await arrive();
    const whole = await ingest('killed');
    if (whole.kind === 'killed') throw new Error('Expected the first run to come to its end.');
    await assertIngestedOnce();
    const targets = chooseKills(whole.passed, { test: 'buckets', extra: 2, pointOf: (place) => place });
    for (const target of targets) {
      await arrive();
      // Some calls come only when there is nothing more to ingest.
      const end = await ingest('killed', target);
      expect(end.kind, target).toBe('killed');
      await ingest('killed');
      await assertIngestedOnce();
    }
    expect(targets.length).toBeGreaterThan(5);
  }, 900_000);

  it('take damaged files as folders do: kept whole, with a reason, and the others are ingested', async () => {
    await clear('damaged');
    const bucket = await open('s3://damaged');
    const files = {
      'raw/broken.csv.gz': Buffer.from('this is no gzip'),
      'raw/empty.csv': Buffer.alloc(0),
      'raw/good.csv': Buffer.from(`${HEADER}\n7,1,small,true,\n`),
      'raw/below/ignored.csv': Buffer.from('not a file of the folder'),
    };
    for (const [key, content] of Object.entries(files)) await upload(bucket, { key, content });
    expect(await ingest('damaged')).toMatchObject({ kind: 'finished', answer: 'skipped' });
    expect(await contents('damaged')).toEqual({
      'bad/broken.csv.gz': 'this is no gzip',
      'bad/empty.csv': '',
      'good/good.csv': `${HEADER}\n7,1,small,true,\n`,
      'raw/below/ignored.csv': 'not a file of the folder',
    });
    expect(await database.query('select file, verdict from checks order by file')).toEqual([
      { file: 'broken.csv.gz', verdict: 'fail' },
      { file: 'empty.csv', verdict: 'fail' },
      { file: 'good.csv', verdict: 'pass' },
    ]);
  }, 300_000);
});

it('names the folders when it is asked for a file of none of them', async () => {
  const places: DataPlaces = placesOver([], '/nowhere');
  await expect(places.read('s3://other/file.csv')).rejects.toThrow('s3://other/file.csv is in none of them');
});
