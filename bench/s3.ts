import { execFile } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type ArtifactDriver, fsArtifacts, type S3Settings, s3Artifacts } from '#store';
import { canTestBuckets, startCeph } from '../test/store/s3/ceph.ts';
import { endedChildrenSeconds } from './processor-time.ts';
import { maybePython, peerScript } from './python.ts';
import type { BenchOptions, Suite } from './suite.ts';
import { duration, median, table } from './table.ts';

const run = promisify(execFile);
const BUCKET = 'bench';
const AT_ONCE = 8;
const KB = 1024;
const SIZES = [
  { name: '4 KB', sizeBytes: 4 * KB, count: 400 },
  { name: '1 MB', sizeBytes: KB * KB, count: 64 },
  { name: '1 GB', sizeBytes: KB * KB * KB, count: 1 },
] as const;

type Size = (typeof SIZES)[number];

interface Work {
  readonly seconds: number;
  readonly used: number;
}

interface Measured {
  readonly put: Work;
  readonly get: Work;
}

interface Contestant {
  readonly name: string;
  /** Puts the files of a folder under a new prefix, and gets each to its end. */
  measure(folder: string, prefix: string): Promise<Measured>;
}

/** Artifacts in a bucket beside artifacts in a folder and other clients of the same server. */
export const s3Suite: Suite = {
  name: 's3',
  async *run(options) {
    if (!canTestBuckets()) return;
    options.say('starting a Ceph in memory');
    const ceph = await startCeph();
    try {
      await ceph.createBucket(BUCKET);
      const contestants = await contestantsOf(ceph.settings, options);
      for (const size of SIZES) yield section(size, await measureAll(contestants, { size, options }));
    } finally {
      await ceph.stop();
    }
  },
};

interface Measuring {
  readonly size: Size;
  readonly options: BenchOptions;
}

async function measureAll(
  contestants: readonly Contestant[],
  { size, options }: Measuring,
): Promise<ReadonlyMap<string, readonly Measured[]>> {
  const results = new Map<string, Measured[]>(contestants.map(({ name }) => [name, []]));
  // The server keeps what is removed in parts until its own collection.
  const rounds = size.count === 1 ? 1 : options.rounds;
  for (let round = 0; round < rounds; round++)
    for (const { name, measure } of contestants) {
      options.say(`${size.name}, round ${round + 1}: ${name}`);
      const folder = await makeFiles(path.join(options.folder, 's3'), size);
      results.get(name)?.push(await measure(folder, `${name.replaceAll(' ', '-')}-${size.sizeBytes}-${round}`));
      await rm(folder, { recursive: true });
    }
  return results;
}

/** Files of new random bytes, which no store has and none can compress. */
async function makeFiles(folder: string, { sizeBytes, count }: Size): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const block = Buffer.allocUnsafe(Math.min(sizeBytes, KB * KB));
  for (let index = 0; index < count; index++) {
    const file = path.join(folder, String(index));
    for (let at = 0; at < sizeBytes; at += block.length)
      await writeFile(file, randomFillSync(block), { flag: at === 0 ? 'w' : 'a' });
  }
  return folder;
}

async function contestantsOf(settings: S3Settings, options: BenchOptions): Promise<readonly Contestant[]> {
  const cache = { folder: path.join(options.folder, 's3-cache'), sizeBytesMax: 10e9 };
  const ours: readonly Contestant[] = [
    {
      name: 'Weir s3',
      measure: async (folder, prefix) =>
        measureDriver(await s3Artifacts({ address: `s3://${BUCKET}/${prefix}`, settings, cache }), folder),
    },
    {
      name: 'Weir fs',
      measure: async (folder) => {
        const store = path.join(options.folder, 's3-fs');
        const measured = await measureDriver(await fsArtifacts({ folder: store }), folder);
        await rm(store, { recursive: true });
        return measured;
      },
    },
  ];
  const python = await maybePython(options, 'requirements-s3.txt');
  return python === undefined ? ours : [...ours, boto3(python, settings), rclone(python, settings)];
}

async function measureDriver(driver: ArtifactDriver, folder: string): Promise<Measured> {
  const files = (await readdir(folder)).map((name) => path.join(folder, name));
  const digests: string[] = [];
  const put = await clocked(async () => {
    await eightAtOnce(files, async (file) => {
      digests.push((await driver.putFile(file)).digest);
    });
  });
  const get = await clocked(() =>
    eightAtOnce(digests, async (digest) => {
      for await (const _ of await driver.read(digest)) {
        // Reading to the end compares it with its digest.
      }
    }),
  );
  return { put, get };
}

async function clocked(work: () => Promise<void>): Promise<Work> {
  const [begun, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - begun) / 1000, used: (user + system) / 1e6 };
}

async function eightAtOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const take = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
}

function boto3(python: string, { endpoint, accessKeyId, secretAccessKey }: S3Settings): Contestant {
  const env = { ...process.env, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  return {
    name: 'boto3 1.44.8',
    measure: async (folder, prefix) => {
      const { stdout } = await run(python, [peerScript('s3-boto3'), endpoint, BUCKET, prefix, folder], { env });
      // Printed by our own script.
      return JSON.parse(stdout) as Measured;
    },
  };
}

/** Copies of files both ways: it has no other form. */
function rclone(python: string, { endpoint, accessKeyId, secretAccessKey }: S3Settings): Contestant {
  const remote = { TYPE: 's3', PROVIDER: 'Ceph', ENDPOINT: endpoint, NO_CHECK_BUCKET: 'true' };
  const keys = { ACCESS_KEY_ID: accessKeyId, SECRET_ACCESS_KEY: secretAccessKey };
  const env: Record<string, string | undefined> = { ...process.env, RCLONE_CONFIG: '/dev/null' };
  for (const [name, value] of Object.entries({ ...remote, ...keys })) env[`RCLONE_CONFIG_CEPH_${name}`] = value;
  const copy = (from: string, to: string): Promise<Work> => {
    const before = endedChildrenSeconds();
    const program = path.join(path.dirname(python), 'rclone');
    return clocked(async () => {
      await run(program, ['copy', '--transfers', String(AT_ONCE), from, to], { env });
    }).then(({ seconds }) => ({ seconds, used: endedChildrenSeconds() - before }));
  };
  return {
    name: 'rclone 1.75.2',
    measure: async (folder, prefix) => {
      const put = await copy(folder, `ceph:${BUCKET}/${prefix}`);
      const back = `${folder}-back`;
      const get = await copy(`ceph:${BUCKET}/${prefix}`, back);
      await rm(back, { recursive: true });
      return { put, get };
    },
  };
}

function section(size: Size, results: ReadonlyMap<string, readonly Measured[]>): string {
  const total = size.sizeBytes * size.count;
  const cells = (works: readonly Work[]): readonly string[] => [
    duration(median(works.map(({ seconds }) => seconds)) / size.count),
    `${Math.round(total / 1e6 / median(works.map(({ seconds }) => seconds)))} MB/s`,
    duration(median(works.map(({ used }) => used)) / size.count),
  ];
  const rows = [...results].map(([name, all]) => [
    name,
    ...cells(all.map(({ put }) => put)),
    ...cells(all.map(({ get }) => get)),
  ]);
  const heads = [
    'put: each',
    'put: rate',
    'put: processor time each',
    'get: each',
    'get: rate',
    'get: processor time each',
  ];
  return `### ${size.count} × ${size.name}\n\n${table(['', ...heads], rows)}`;
}
