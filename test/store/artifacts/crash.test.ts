import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fsArtifacts, verifyArtifact } from '#store';
import { listOf } from '../../suites/artifact-driver.ts';
import { bytesNamed, digestOf } from '../../suites/bytes.ts';

const bytes = bytesNamed('crash', 200_000);
const digest = digestOf(bytes);
const DAY_MS = 24 * 60 * 60 * 1000;

let root: string;
let program: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'weir-crash-'));
  program = path.join(root, 'put-and-die.mjs');
  // Built once: it starts some fifty times.
  await build({
    // Without it esbuild works where the worker was when it loaded, a folder that may be gone.
    absWorkingDir: process.cwd(),
    entryPoints: [fileURLToPath(new URL('./put-and-die.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
});
afterAll(() => rm(root, { recursive: true }));

const temporaryFiles = (folder: string): Promise<string[]> => readdir(path.join(folder, 'temporary'));

/** Runs until the child is killed, or is through. */
async function putAndDie(folder: string, how: 'content' | 'file', at: number): Promise<boolean> {
  const child = spawn(process.execPath, [program, folder, how, String(at)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  expect(output !== '' || child.signalCode === 'SIGKILL').toBe(true);
  return output === 'stored\n';
}

describe('a process killed while it stores', () => {
  it.each(['content', 'file'] as const)(
    'leaves no partial artifact and loses nothing, wherever it is: %s',
    async (how) => {
      let kills = 0;
      const seen = { absent: 0, there: 0 };
      for (let at = 1; ; at++) {
        const folder = path.join(root, `${how}-${at}`);
        const source = `${folder}-source`;
        if (how === 'file') await writeFile(source, bytes);
        if (await putAndDie(folder, how, at)) break;
        kills++;
        const artifacts = await fsArtifacts({ folder });
        const listed = await listOf(artifacts);
        seen[listed.length === 0 ? 'absent' : 'there']++;
        for (const blob of listed) expect(blob).toMatchObject({ digest, sizeBytes: bytes.length });
        expect(await verifyArtifact(artifacts, digest)).toBe(listed.length === 0 ? 'missing' : 'intact');
        expect(await temporaryFiles(folder)).toEqual([]);
        if (how === 'file' && existsSync(source)) {
          expect(digestOf(await readFile(source))).toBe(digest);
          await artifacts.putFile(source);
        } else if (how === 'file') expect(listed).toHaveLength(1);
        else await artifacts.put(bytes);
        expect(await verifyArtifact(artifacts, digest)).toBe('intact');
      }
      expect(kills).toBeGreaterThan(15);
      expect(seen.absent).toBeGreaterThan(5);
      expect(seen.there).toBeGreaterThan(1);
    },
  );
});

describe('opening', () => {
  it('leaves alone what a live process is writing, and collects it once that is killed', async () => {
    const folder = path.join(root, 'live');
    const child = spawn(process.execPath, [program, folder, 'content', 'wait'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(createInterface(child.stdout), 'line');
    const before = await temporaryFiles(folder);
    expect(before).toHaveLength(1);
    await fsArtifacts({ folder });
    expect(await temporaryFiles(folder)).toEqual(before);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await fsArtifacts({ folder });
    expect(await temporaryFiles(folder)).toEqual([]);
  });

  it('does not disturb a live process, which stores what it was writing', async () => {
    const folder = path.join(root, 'undisturbed');
    const child = spawn(process.execPath, [program, folder, 'content', 'wait'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(createInterface(child.stdout), 'line');
    const artifacts = await fsArtifacts({ folder });
    child.stdin.write('\n');
    await once(child, 'exit');
    expect(await verifyArtifact(artifacts, digest)).toBe('intact');
  });

  it('collects what belongs to a pid that another process has now', async () => {
    const folder = path.join(root, 'pid');
    const own = await ownTemporaryName(folder);
    const [pid, , ...space] = own.split('-');
    const file = path.join(folder, 'temporary', [pid, '00000000', ...space].join('-'));
    await writeFile(file, '');
    await fsArtifacts({ folder });
    expect(existsSync(file)).toBe(false);
  });

  it('leaves what another container writes, also under the same pid, until it is a day old', async () => {
    const folder = path.join(root, 'container');
    const own = await ownTemporaryName(folder);
    const [pid, start, boot, , ...rest] = own.split('-');
    const file = path.join(folder, 'temporary', [pid, start, boot, '00000000', ...rest].join('-'));
    await writeFile(file, '');
    await fsArtifacts({ folder });
    expect(existsSync(file)).toBe(true);
    await fsArtifacts({ folder }, { now: () => Date.now() + 2 * DAY_MS });
    expect(existsSync(file)).toBe(false);
  });

  async function ownTemporaryName(folder: string): Promise<string> {
    const artifacts = await fsArtifacts({ folder });
    let name = '';
    async function* content(): AsyncGenerator<Uint8Array> {
      name = (await temporaryFiles(folder))[0] ?? '';
      yield bytes;
    }
    await artifacts.put(content());
    return name;
  }
});
