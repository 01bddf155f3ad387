import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as expectations from '../../src/contracts/expectations/index.ts';
import { exportsOf } from './exported-types.ts';

const GOLDEN = path.join(import.meta.dirname, '../golden/library.txt');
const { names, undocumented, withoutDefault } = exportsOf('src/app/library.ts');

/** Without them work cannot be stopped, and nobody is told how far it is. */
const NEEDS_NO_DEFAULT = /\.(signal|onProgress)$/;

describe('what a project imports as weir', () => {
  // A name that is added here is one that users may rely on: `npx vitest run test/house/library.test.ts -u` writes the list.
  it('is exactly the names of the list', async () => {
    await expect(`${names.join('\n')}\n`).toMatchFileSnapshot(GOLDEN);
  });

  it('has what a task, a pipeline and a helper of a test name', () => {
    expect(names).toEqual(
      expect.arrayContaining([
        ...['type Task', 'type TaskContext', 'type TypedGoal', 'type Goal', 'type BlobInput', 'type RowOf'],
        ...['knn', 'linearRegression', 'logisticRegression', 'mostFrequent'],
      ]),
    );
  });

  it('has each expectation', () => {
    expect(names).toEqual(expect.arrayContaining(Object.keys(expectations)));
  });

  it('has nothing that writes the records of Weir', () => {
    expect(names.filter((name) => /^(save|store|register|promote|migrate)/.test(name))).toEqual([]);
  });

  it('has a sentence for each name, and for each option and member of its types', () => {
    expect(undocumented).toEqual([]);
  });

  it('says of each option that may be left out what holds then', () => {
    expect(withoutDefault.filter((option) => !NEEDS_NO_DEFAULT.test(option))).toEqual([]);
  });
});
