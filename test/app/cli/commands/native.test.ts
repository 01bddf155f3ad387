import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasLightgbm, lightgbmForTests } from '../../../ml/lightgbm/lightgbm-for-tests.ts';
import { runWeir } from './run-weir.ts';

/** A Python with pip. */
const programs = fileURLToPath(new URL('../../../../node_modules/.cache/python-clients/bin', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-native-'));
  await writeFile(path.join(folder, 'project.ts'), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const add = (searched: string) => runWeir(['native', 'add', 'lightgbm', '--json'], folder, { PATH: searched });

describe('weir native add lightgbm', () => {
  it('says what to install where no program fetches packages of Python', async () => {
    const { code, err } = await add(folder);
    expect(code).toBe(1);
    expect(err).toContain('Expected uv or pip to fetch LightGBM 4.7.0; none of them is here.');
  });

  it('passes on why a program did not, and leaves nothing behind', async () => {
    const uv = path.join(folder, 'uv');
    await writeFile(uv, '#!/bin/sh\necho "no route to the index" >&2; exit 3\n');
    await chmod(uv, 0o755);
    const { code, err } = await add(folder);
    expect(code).toBe(1);
    expect(err).toContain('uv: no route to the index');
    expect(await readdir(path.join(folder, '.weir/native'))).toEqual(['lightgbm-4.7.0']);
    expect(await readdir(path.join(folder, '.weir/native/lightgbm-4.7.0'))).toEqual([]);
  });

  it.skipIf(!hasLightgbm())('fetches the pinned release once, with the digest that training asks for', async () => {
    const first = await add(programs);
    expect(first).toMatchObject({ code: 0, err: '' });
    const { file, fetched } = JSON.parse(first.out);
    expect(fetched).toBe(true);
    expect(
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    ).toBe(lightgbmForTests().sha256);
    expect(JSON.parse((await add(programs)).out)).toMatchObject({ file, fetched: false });
  });
});
