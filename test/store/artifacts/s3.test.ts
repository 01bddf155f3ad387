import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ArtifactDriver, type S3Settings, s3Artifacts, verifyArtifact } from '#store';
import { openBucket } from '../../../src/store/s3/bucket.ts';
import { toS3Address } from '../../../src/store/s3/s3-address.ts';
import { listOf, testArtifactDriver } from '../../suites/artifact-driver.ts';
import { bytesNamed, digestOf, inChunks } from '../../suites/bytes.ts';
import { type Ceph, canTestBuckets, startCeph } from '../s3/ceph.ts';

const MB = 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;
const root = await mkdtemp(path.join(tmpdir(), 'weir-s3-artifacts-'));
afterAll(() => rm(root, { recursive: true }));

describe.runIf(canTestBuckets())('in a bucket', () => {
  let ceph: Ceph;
  let program: string;
  beforeAll(async () => {
    ceph = await startCeph();
    await ceph.createBucket('artifacts');
    program = path.join(root, 'bucket-program.mjs');
    await build({
      absWorkingDir: process.cwd(),
      entryPoints: [fileURLToPath(new URL('../s3/bucket-program.ts', import.meta.url))],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    });
  }, 600_000);
  afterAll(() => ceph?.stop(), 60_000);

  let count = 0;
  const cacheFolder = (): string => path.join(root, `cache-${count++}`);
  const open = (
    prefix: string,
    { now, settings = ceph.settings }: { now?: () => number; settings?: S3Settings } = {},
  ) =>
    s3Artifacts(
      { address: `s3://artifacts/${prefix}`, settings, cache: { folder: cacheFolder(), sizeBytesMax: 1e9 } },
      now === undefined ? {} : { now },
    );

  testArtifactDriver('s3', () => open('suite'));

  /** Runs the program until it is killed, or is through. */
  async function create(key: string, { bytes, killAt = 'never' }: { bytes: number; killAt?: string }): Promise<string> {
    const args = [JSON.stringify(ceph.settings), 's3://artifacts/processes', key, String(bytes), killAt];
    const child = spawn(process.execPath, ['--no-warnings', program, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
    return child.signalCode === 'SIGKILL' ? 'killed' : output;
  }

  async function uploads(): Promise<number> {
    const { endpoint, accessKeyId, secretAccessKey } = ceph.settings;
    const client = new S3Client({
      ...{ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } },
    });
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'artifacts' }));
    client.destroy();
    return Uploads.length;
  }

  describe('writers at once', () => {
    it('are twenty processes of which one creates the object', async () => {
      const ends = await Promise.all(Array.from({ length: 20 }, () => create('raced', { bytes: 1000 })));
      expect(ends.filter((end) => end === 'created')).toHaveLength(1);
      expect(ends.filter((end) => end === 'exists')).toHaveLength(19);
    }, 120_000);

    it('all store large content, which is there once and whole', async () => {
      const bytes = bytesNamed('large race', 20 * MB);
      const drivers = await Promise.all(Array.from({ length: 4 }, () => open('race')));
      const blobs = await Promise.all(drivers.map((driver) => driver.put(inChunks(bytes, 3 * MB))));
      expect(new Set(blobs.map(({ digest }) => digest))).toEqual(new Set([digestOf(bytes)]));
      const driver = await open('race');
      expect(await listOf(driver)).toMatchObject([{ digest: digestOf(bytes), sizeBytes: 20 * MB }]);
      expect(await verifyArtifact(driver, digestOf(bytes))).toBe('intact');
    }, 120_000);
  });

  describe('large content', () => {
    it.each([8 * MB, 8 * MB + 1, 33 * MB + 7])(
      'of %i bytes is stored from a stream, bytes and a file',
      async (size) => {
        const bytes = bytesNamed('large', size);
        const digest = digestOf(bytes);
        const file = path.join(root, `large-${size}`);
        await writeFile(file, bytes);
        const driver = await open(`large-${size}`);
        for (const put of [
          () => driver.put(inChunks(bytes, 99_999)),
          () => driver.put(bytes),
          () => driver.putFile(file),
        ]) {
          expect(await put()).toEqual({ digest, sizeBytes: size });
          expect(digestOf(await buffer(await driver.read(digest)))).toBe(digest);
          await driver.delete(digest);
        }
        await expect(readFile(file)).rejects.toThrow('ENOENT');
      },
      120_000,
    );

    it('is a local file afterwards, which is not asked of the server again', async () => {
      const bytes = bytesNamed('kept', 9 * MB);
      const driver = await open('kept');
      const { digest } = await driver.put(inChunks(bytes, MB));
      const bucket = await openBucket(toS3Address('s3://artifacts/kept'), ceph.settings);
      // Other bytes in the bucket would be noticed if they were read.
      await bucket.write(digest, { sizeBytes: 3, read: async () => Buffer.from('bad') });
      expect(digestOf(await readFile(await driver.localPath(digest)))).toBe(digest);
      // An object of another size is no proof that the content is there: the next put heals it.
      await driver.put(inChunks(bytes, MB));
      expect(await verifyArtifact(driver, digest)).toBe('intact');
    }, 60_000);
  });

  it('refuses damaged bytes, from which no local file is made, and the next put heals them', async () => {
    const driver = await open('damaged');
    const { digest } = await driver.put(bytesNamed('damaged'));
    const bucket = await openBucket(toS3Address('s3://artifacts/damaged'), ceph.settings);
    await bucket.write(digest, { sizeBytes: 1000, read: async () => Buffer.alloc(1000) });
    await expect(buffer(await driver.read(digest))).rejects.toThrow(`Artifact ${digest} is damaged`);
    await expect(driver.localPath(digest)).rejects.toThrow(`Artifact ${digest} is damaged`);
    await driver.put(bytesNamed('damaged'));
    expect(await readFile(await driver.localPath(digest))).toEqual(bytesNamed('damaged'));
  });

  it('takes no other bytes than those of the digest that a request names', async () => {
    const bucket = await openBucket(toS3Address('s3://artifacts/named'), ceph.settings);
    const create = (named: string): Promise<boolean> =>
      bucket.create('object', {
        sizeBytes: 3,
        read: async () => Buffer.from('abc'),
        sha256: digestOf(Buffer.from(named)),
      });
    await expect(create('other')).rejects.toThrow('Could not write s3://artifacts/named/object');
    expect(await bucket.maybeStat('object')).toBeUndefined();
    expect(await create('abc')).toBe(true);
  });

  describe('a process killed in the middle of an upload', () => {
    it.each(['1', '3', '5', 'end'])(
      'leaves no object, and its parts are removed when they are old: %s',
      async (killAt) => {
        const key = `killed-${killAt}`;
        expect(await create(key, { bytes: 40 * MB, killAt })).toBe('killed');
        const bucket = await openBucket(toS3Address('s3://artifacts/processes'), ceph.settings);
        expect(await bucket.maybeStat(key)).toBeUndefined();
        expect(await bucket.maybeRead(key)).toBeUndefined();
        expect(await uploads()).toBe(1);
        // Opening leaves alone what another process may be sending just now.
        await open('processes');
        expect(await uploads()).toBe(1);
        await open('processes', { now: () => Date.now() + 2 * DAY_MS });
        expect(await uploads()).toBe(0);
        expect(await create(key, { bytes: 40 * MB })).toBe('created');
        expect((await bucket.maybeStat(key))?.sizeBytes).toBe(40 * MB);
        await bucket.remove(key);
      },
      120_000,
    );
  });

  describe('a server that is restarted', () => {
    it('in the middle of an upload gets all of it', async () => {
      const bucket = await openBucket(toS3Address('s3://artifacts/restart'), ceph.settings);
      const bytes = bytesNamed('restart', 40 * MB);
      let reads = 0;
      const read = async (from: number, to: number): Promise<Uint8Array> => {
        if (++reads === 4) {
          await ceph.killGateway();
          await ceph.startGateway();
        }
        return bytes.subarray(from, to);
      };
      expect(await bucket.create('up', { sizeBytes: bytes.length, read })).toBe(true);
      const found = await bucket.maybeRead('up');
      expect(found && digestOf(await buffer(found.stream))).toBe(digestOf(bytes));
    }, 300_000);

    it('in the middle of a download goes on where it was', async () => {
      const driver = await open('restart');
      const { digest } = await driver.put(bytesNamed('down', 40 * MB));
      const chunks: Uint8Array[] = [];
      for await (const chunk of await driver.read(digest)) {
        if (chunks.length === 1) {
          await ceph.killGateway();
          await ceph.startGateway();
        }
        chunks.push(chunk);
      }
      expect(digestOf(Buffer.concat(chunks))).toBe(digest);
    }, 300_000);
  });

  describe('a bucket that cannot be used', () => {
    const secret = 'a-secret-that-nobody-may-read';
    it.each<[string, string, Partial<S3Settings>, RegExp]>([
      ['does not exist', 's3://nowhere/at', {}, /the bucket does not exist; create it/],
      ['knows another secret', 's3://artifacts', { secretAccessKey: secret }, /the secret key is wrong/],
      ['does not know the key', 's3://artifacts', { accessKeyId: 'NOBODY', secretAccessKey: secret }, /access key/],
      [
        'is at another address',
        's3://artifacts',
        { endpoint: 'http://127.0.0.1:9' },
        /nothing answers at the endpoint/,
      ],
      ['has unknown authorities', 's3://artifacts', { caFile: '/nowhere.pem' }, /Correct s3\.caFile/],
      ['has a wrong name', 's3://A', {}, /Expected s3:\/\/<bucket>\/<prefix>/],
    ])('because it %s says so, and no secret', async (_, address, settings, message) => {
      const opening = s3Artifacts({
        address,
        settings: { ...ceph.settings, ...settings },
        cache: { folder: cacheFolder(), sizeBytesMax: 1 },
      });
      const error: unknown = await opening.catch((reason: unknown) => reason);
      expect(String(error)).toMatch(message);
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(secret);
    });
  });

  it('writes local files once for programs that ask at once, and removes them when they are many', async () => {
    const folder = cacheFolder();
    await mkdir(folder);
    const settings = ceph.settings;
    const small = (): Promise<ArtifactDriver> =>
      s3Artifacts({ address: 's3://artifacts/many', settings, cache: { folder, sizeBytesMax: 3000 } });
    const [one, other] = [await small(), await small()];
    const blobs = await Promise.all(Array.from({ length: 12 }, (_, index) => one.put(bytesNamed(`many ${index}`))));
    for (const { digest } of blobs) {
      const paths = await Promise.all([one.localPath(digest), one.localPath(digest), other.localPath(digest)]);
      for (const file of paths) expect(digestOf(await readFile(file))).toBe(digest);
      await Promise.all([one.releasePath?.(paths[0]), one.releasePath?.(paths[1]), other.releasePath?.(paths[2])]);
    }
    const kept = (await readdir(folder, { recursive: true })).filter((name) => /[0-9a-f]{64}$/.test(name));
    expect(kept.length).toBeLessThanOrEqual(4);
    expect(await readdir(path.join(folder, 'held'))).toEqual([]);
  });
});
