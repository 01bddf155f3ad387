import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownProcessTag } from '#store';
import { withWorkFolder } from '../../../src/contracts/check/work-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-work-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the work folder of a check', () => {
  it('stays while another check of a live process begins', async () => {
    const during = await withWorkFolder(folder, (first) =>
      withWorkFolder(folder, async (second) => {
        expect((await readdir(folder)).sort()).toEqual([path.basename(first), path.basename(second)].sort());
        await writeFile(path.join(second, 'left'), '');
        return second;
      }),
    );
    expect(path.dirname(during)).toBe(folder);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is removed when its process has ended and another one has its number', async () => {
    const [pid, , ...where] = (await ownProcessTag()).split('-');
    const left = `.check-${[pid, '00000000', ...where].join('-')}.0a`;
    await mkdir(path.join(folder, left, 'deep'), { recursive: true });
    await withWorkFolder(folder, async () => undefined);
    expect(await readdir(folder)).toEqual([]);
  });

  it('stays when its process is of another container, where the same number means another process', async () => {
    const [, start, boot] = (await ownProcessTag()).split('-');
    const other = `.check-${[4_000_000, start, boot, '00000000', '00000000'].join('-')}.0b`;
    await mkdir(path.join(folder, other));
    await withWorkFolder(folder, async () => undefined);
    expect(await readdir(folder)).toEqual([other]);
  });
});
