import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownProcessTag } from '#store';
import { openWorkerCode } from '../../../src/app/serve/worker-code.ts';

/** A word of a tag where the system does not say when a process started. */
const START_UNKNOWN = 'e3b0c442';
const DAY_MS = 86_400_000;

describe('the folder where workers lay out code', () => {
  let root: string;
  const tagOf = async (pid: number | undefined): Promise<string> => {
    const [, , ...space] = (await ownProcessTag()).split('-');
    return [pid, START_UNKNOWN, ...space].join('-');
  };

  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'weir-worker-code-'));
  });
  afterAll(() => rm(root, { recursive: true }));

  it('loses at a start what ended workers left, and nothing of those that run', async () => {
    const ended = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(ended, 'exit');
    const elsewhere = '12-00000000-11111111-22222222-33333333';
    const long = '13-00000000-11111111-22222222-33333333';
    const runs = await tagOf(process.ppid);
    for (const tag of [await tagOf(ended.pid), elsewhere, long, runs])
      await mkdir(path.join(root, tag, 'abc-1'), { recursive: true });
    const before = new Date(Date.now() - 8 * DAY_MS);
    await utimes(path.join(root, long), before, before);
    const code = await openWorkerCode(root);
    expect(new Set(await readdir(root))).toEqual(new Set([elsewhere, runs, await ownProcessTag()]));
    const [first, second] = [await code.folderFor('f'.repeat(64)), await code.folderFor('f'.repeat(64))];
    expect(first).not.toBe(second);
    await code.close();
    expect(new Set(await readdir(root))).toEqual(new Set([elsewhere, runs]));
  });
});
