import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { localPlaces } from '#pipelines';
import { testDataPlaces } from '../../suites/data-places.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'weir-local-places-'));
afterAll(() => rm(folder, { recursive: true }));

testDataPlaces('a folder', async () => ({
  places: localPlaces,
  folder,
  put: async (name, content) => {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  },
}));
