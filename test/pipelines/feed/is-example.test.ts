import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromFiles, fromGoodData } from '#pipelines';
import { isExample } from '../../../src/pipelines/feed/is-example.ts';

describe('whether a fed file is made-up data', () => {
  let projectFolder = '';
  const inState = (name: string) => path.join(projectFolder, '.weir', name);
  beforeAll(async () => {
    projectFolder = await mkdtemp(path.join(tmpdir(), 'weir-example-'));
    await mkdir(inState('part'), { recursive: true });
    for (const name of ['own.csv', '.weir/made.csv', '.weir/part/made.csv'])
      await writeFile(path.join(projectFolder, name), 'id\n1\n');
    await symlink(path.join(projectFolder, 'own.csv'), inState('link.csv'));
  });
  afterAll(() => rm(projectFolder, { recursive: true }));

  it.each([
    ['in the state folder', '.weir/made.csv', [fromGoodData()], true],
    ['in a folder of it', '.weir/part/made.csv', [fromFiles('own.csv')], true],
    ['of the project', 'own.csv', [], false],
    ['only linked from the state folder', '.weir/link.csv', [], false],
    ['that training reads', '.weir/made.csv', [fromFiles('.weir/made.csv')], false],
    ['of a folder that training reads', '.weir/part/made.csv', [fromFiles('.weir/part')], false],
  ])('answers for a file %s', async (_, name, training, expected) => {
    const options = { stateFolder: path.join(projectFolder, '.weir'), projectFolder, training };
    expect(await isExample(path.join(projectFolder, name), options)).toBe(expected);
  });
});
