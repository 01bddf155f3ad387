import { lstat, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ArtifactDriver, type Blob, type StoredBlob, StoreError, verifyArtifact } from '#store';
import { bytesNamed, digestOf, inChunks } from './bytes.ts';

const ABSENT = 'f'.repeat(64);
/** File systems may count time in steps. */
const CLOCK_STEP_MS = 2_000;

export async function listOf(artifacts: ArtifactDriver): Promise<readonly StoredBlob[]> {
  const blobs: StoredBlob[] = [];
  for await (const blob of artifacts.list()) blobs.push(blob);
  return blobs;
}

/** What every artifact driver promises; `open` gives an empty one. */
export function testArtifactDriver(name: string, open: () => Promise<ArtifactDriver>): void {
  describe(`the ${name} artifact driver`, () => {
    let artifacts: ArtifactDriver;
    let folder: string;
    beforeAll(async () => {
      artifacts = await open();
      folder = await mkdtemp(path.join(tmpdir(), 'weir-driver-suite-'));
    });
    afterAll(() => rm(folder, { recursive: true }));

    const contentOf = async (digest: string): Promise<Uint8Array> => buffer(await artifacts.read(digest));
    const fileNamed = async (file: string): Promise<string> => {
      const at = path.join(folder, file);
      await writeFile(at, bytesNamed(file));
      return at;
    };

    describe('put', () => {
      it('names content by its digest and gives it back', async () => {
        const bytes = bytesNamed('put');
        const blob: Blob = { digest: digestOf(bytes), sizeBytes: 1000 };
        expect(await artifacts.put(bytes)).toEqual(blob);
        // By its name and at once: whoever asks relies on no listing, which some stores show late.
        expect(await artifacts.stat(blob.digest)).toMatchObject(blob);
        expect(await contentOf(blob.digest)).toEqual(bytes);
      });

      it('takes content in chunks of any size', async () => {
        const bytes = bytesNamed('chunks', 300_000);
        const { digest } = await artifacts.put(inChunks(bytes, 70_001));
        expect(digest).toBe(digestOf(bytes));
        expect(digestOf(await contentOf(digest))).toBe(digest);
      });

      it('keeps nothing as something', async () => {
        const { digest, sizeBytes } = await artifacts.put(new Uint8Array());
        expect(sizeBytes).toBe(0);
        expect(await artifacts.stat(digest)).toMatchObject({ digest, sizeBytes: 0 });
        expect(await contentOf(digest)).toEqual(Buffer.alloc(0));
      });

      it('keeps what the bytes were when it was called', async () => {
        const bytes = Buffer.from(bytesNamed('mutable'));
        const { digest } = await artifacts.put(bytes);
        const before = Buffer.from(bytes);
        bytes.fill(0);
        expect(await contentOf(digest)).toEqual(before);
      });

      it('keeps equal content once, whoever puts it at once', async () => {
        const bytes = bytesNamed('equal', 100_000);
        const blobs = await Promise.all(
          Array.from({ length: 8 }, (_, index) => artifacts.put(inChunks(bytes, 10_000 + index))),
        );
        const digest = digestOf(bytes);
        expect(new Set(blobs.map((blob) => blob.digest))).toEqual(new Set([digest]));
        const listed = await listOf(artifacts);
        expect(listed.filter((blob) => blob.digest === digest)).toHaveLength(1);
      });

      it('keeps nothing of content that breaks off', async () => {
        async function* broken(): AsyncGenerator<Uint8Array> {
          yield bytesNamed('broken');
          throw new Error('the source broke off');
        }
        const before = await listOf(artifacts);
        await expect(artifacts.put(broken())).rejects.toThrow('the source broke off');
        expect(await listOf(artifacts)).toEqual(before);
      });
    });

    describe('putFile', () => {
      it('takes a file over', async () => {
        const file = await fileNamed('file');
        const { digest } = await artifacts.putFile(file);
        expect(digest).toBe(digestOf(bytesNamed('file')));
        expect(await contentOf(digest)).toEqual(bytesNamed('file'));
        await expect(lstat(file)).rejects.toThrow('ENOENT');
      });

      it('takes over a file whose content is there already', async () => {
        await artifacts.put(bytesNamed('again'));
        const { digest } = await artifacts.putFile(await fileNamed('again'));
        expect(await contentOf(digest)).toEqual(bytesNamed('again'));
      });

      it('refuses a link, a folder and nothing, and touches none of them', async () => {
        const target = await fileNamed('target');
        const link = path.join(folder, 'link');
        await symlink(target, link);
        const inner = path.join(folder, 'folder');
        await mkdir(inner);
        await expect(artifacts.putFile(link)).rejects.toThrow(/found a symbolic link/);
        await expect(artifacts.putFile(inner)).rejects.toThrow(/found a folder/);
        await expect(artifacts.putFile(path.join(folder, 'nothing'))).rejects.toThrow(/ENOENT/);
        await expect(artifacts.putFile(link)).rejects.toBeInstanceOf(StoreError);
        expect(await readFile(link)).toEqual(bytesNamed('target'));
        expect((await lstat(inner)).isDirectory()).toBe(true);
      });
    });

    describe('what is not there', () => {
      it('has no stat, cannot be read, has no path, and may be deleted', async () => {
        expect(await artifacts.stat(ABSENT)).toBeUndefined();
        await expect(artifacts.read(ABSENT)).rejects.toThrow(`Expected artifact ${ABSENT} to exist`);
        await expect(async () => artifacts.localPath(ABSENT)).rejects.toThrow(StoreError);
        await artifacts.delete(ABSENT);
        expect(await verifyArtifact(artifacts, ABSENT)).toBe('missing');
      });

      it('is what has been deleted', async () => {
        const { digest } = await artifacts.put(bytesNamed('deleted'));
        await artifacts.localPath(digest);
        await artifacts.delete(digest);
        expect(await artifacts.stat(digest)).toBeUndefined();
        expect(await artifacts.put(bytesNamed('deleted'))).toMatchObject({ digest });
        expect(await contentOf(digest)).toEqual(bytesNamed('deleted'));
      });
    });

    it.each(['', 'abc', '../../../etc/passwd', 'F'.repeat(64), `${'a'.repeat(64)}/..`, `${'a'.repeat(64)}\n`])(
      'refuses %j, which is no digest',
      async (text) => {
        for (const method of ['stat', 'read', 'localPath', 'delete'] as const) {
          await expect(async () => artifacts[method](text)).rejects.toThrow(/Expected a digest/);
        }
      },
    );

    it('gives a path to a file that only its owner may read, and nobody write', async () => {
      const { digest } = await artifacts.put(bytesNamed('path'));
      const file = await artifacts.localPath(digest);
      expect(await readFile(file)).toEqual(bytesNamed('path'));
      expect((await lstat(file)).mode & 0o777).toBe(0o400);
    });

    it('lists every artifact once', async () => {
      const blobs = await Promise.all(['x', 'y', 'z'].map((word) => artifacts.put(bytesNamed(word))));
      const listed = await listOf(artifacts);
      expect(listed).toEqual(expect.arrayContaining(blobs.map((blob) => expect.objectContaining(blob))));
      expect(new Set(listed.map(({ digest }) => digest)).size).toBe(listed.length);
    });

    it('lists what was there when some of it is deleted on the way', async () => {
      const blobs = await Promise.all(['p', 'q', 'r'].map((word) => artifacts.put(bytesNamed(word))));
      const seen = new Set<string>();
      for await (const { digest } of artifacts.list()) {
        seen.add(digest);
        if (blobs.some((blob) => blob.digest === digest)) await artifacts.delete(digest);
      }
      expect([...seen]).toEqual(expect.arrayContaining(blobs.map(({ digest }) => digest)));
      const left = new Set((await listOf(artifacts)).map(({ digest }) => digest));
      expect(blobs.filter(({ digest }) => left.has(digest))).toEqual([]);
    });

    it('says when a blob was put last, also when its content was there already or in an old file', async () => {
      const before = Date.now();
      const { digest } = await artifacts.put(bytesNamed('when'));
      const first = await artifacts.stat(digest);
      expect(Number(first?.storedAt)).toBeGreaterThanOrEqual(before - CLOCK_STEP_MS);
      const putAgain = async (): Promise<number> => {
        await artifacts.put(bytesNamed('when'));
        return Number((await artifacts.stat(digest))?.storedAt);
      };
      // Some stores count time in whole seconds.
      await expect.poll(putAgain, { timeout: 20_000 }).toBeGreaterThan(Number(first?.storedAt));
      const old = await fileNamed('when');
      await utimes(old, new Date(0), new Date(0));
      await artifacts.putFile(old);
      const second = await artifacts.stat(digest);
      expect(Number(second?.storedAt)).toBeGreaterThanOrEqual(Number(first?.storedAt));
      expect(await listOf(artifacts)).toContainEqual(second);
    });

    it('may be read by a reader that leaves early', async () => {
      const { digest } = await artifacts.put(bytesNamed('early', 3_000_000));
      for await (const chunk of await artifacts.read(digest)) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      (await artifacts.read(digest)).destroy();
      expect(await verifyArtifact(artifacts, digest)).toBe('intact');
    });
  });
}
