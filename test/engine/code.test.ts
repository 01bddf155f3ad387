import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CodeBuilder, createCodeBuilder, loadBuiltTasks, type PackageLock } from '#engine';

const TASKS = `
import { z } from 'zod';
import { defineTask, value } from 'weir';
import leftPad from 'left-pad';
import { clean } from './helpers/clean.ts';
import query from './query.sql';

// how a name is cleaned
export const cleanName = defineTask({
  name: 'clean-name',
  params: z.object({ text: z.string() }),
  outputs: { text: value<string>() },
  run: async ({ params }) => ({ text: clean(params.text) + query }),
});

export const padded = defineTask({
  name: 'padded',
  params: z.object({ text: z.string() }),
  inputs: (params) => ({ cleaned: cleanName.goal(params) }),
  outputs: { text: value<string>() },
  run: async ({ inputs }) => ({ text: leftPad(inputs.cleaned.text, 10) }),
});

export const unused = 1;
`;
const HELPERS = {
  'helpers/clean.ts': `import { trim } from './trim.ts';\nexport const clean = (text: string): string => trim(text).toLowerCase();\n`,
  'helpers/trim.ts': `import { blanks } from './blanks.ts';\nexport function trim(text: string): string { return text.replaceAll(blanks, ''); }\nexport function other() { return 1; }\n`,
  'helpers/blanks.ts': `export const blanks = /\\s+/g;\n`,
  'query.sql': 'select 1',
};
const LOCK: PackageLock = {
  packages: {
    'node_modules/left-pad': { version: '1.0.0', dependencies: { deep: '1' } },
    'node_modules/deep': { version: '1.0.0' },
    'node_modules/zod': { version: '4.0.0' },
    'node_modules/elsewhere': { version: '1.0.0' },
  },
};

let root: string;
const builders: CodeBuilder[] = [];
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'weir-code-test-'));
  await mkdir(path.join(root, 'helpers'));
  for (const [file, text] of Object.entries({ ...HELPERS, 'tasks.ts': TASKS }))
    await writeFile(path.join(root, file), text);
});
afterEach(async () => {
  for (const builder of builders.splice(0)) await builder.close();
  await rm(root, { recursive: true, force: true });
});

const createBuilder = async (lock: PackageLock = LOCK, files = ['tasks.ts']): Promise<CodeBuilder> => {
  const builder = await createCodeBuilder({ root, files, folder: path.join(root, '.weir', 'code'), lock });
  builders.push(builder);
  return builder;
};
async function fingerprints(lock?: PackageLock): Promise<Readonly<Record<string, string>>> {
  const built = await (await createBuilder(lock)).build();
  return Object.fromEntries(built.map(({ exported, fingerprint }) => [exported, fingerprint]));
}
async function edit(file: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(path.join(root, file), 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  await writeFile(path.join(root, file), after);
}

describe('the fingerprint of a task', () => {
  it.each<[string, string, (text: string) => string]>([
    ['a comment', 'tasks.ts', (text) => text.replace('// how a name is cleaned', '/* something\n else */')],
    ['the layout', 'tasks.ts', (text) => text.replaceAll('\n  ', '\n\n      ')],
    ['the name of a local', 'helpers/trim.ts', (text) => text.replaceAll('text', 'input')],
    ['a type', 'helpers/clean.ts', (text) => text.replace('): string', "): string | 'x'")],
    ['another export of a file it reads', 'helpers/trim.ts', (text) => text.replace('return 1', 'return 2')],
    ['something unused in its own file', 'tasks.ts', (text) => text.replace('unused = 1', 'unused = 2')],
    [
      'the order of imports',
      'tasks.ts',
      (text) => {
        const lines = text.split('\n');
        return [lines[0], lines[3], lines[2], lines[1], ...lines.slice(4)].join('\n');
      },
    ],
    [
      'the name of an imported function',
      'helpers/trim.ts',
      (text) => text.replace('function other', 'function another'),
    ],
  ])('does not change with %s', async (_, file, change) => {
    const before = await fingerprints();
    await edit(file, change);
    expect(await fingerprints()).toEqual(before);
  });

  it.each<[string, string, (text: string) => string]>([
    ['its own code', 'tasks.ts', (text) => text.replace('clean(params.text) +', "clean(params.text) + ' ' +")],
    ['a helper three imports deep', 'helpers/blanks.ts', (text) => text.replace('\\s+', '\\s')],
    ['a declared file of SQL', 'query.sql', () => 'select 2'],
    [
      'a batch instead of run',
      'tasks.ts',
      (text) =>
        text.replace(
          'run: async ({ params }) => ({ text: clean(params.text) + query })',
          'batch: { itemsMax: 5, run: async (items) => { for (const i of items) await i.succeed({ text: clean(i.params.text) + query }); } }',
        ),
    ],
  ])('changes with %s, and that of the task which only names it as an input does not', async (_, file, change) => {
    const before = await fingerprints();
    await edit(file, change);
    const after = await fingerprints();
    expect(after.cleanName).not.toBe(before.cleanName);
    expect(after.padded).toBe(before.padded);
  });

  it('changes with the name of a source that it reads, and not with how that is listed and read', async () => {
    const reader = (code: string, name: string): string => `
      import { z } from 'zod';
      import { defineSource, defineTask, value } from 'weir';
      import { connect } from 'elsewhere';
      const orders = defineSource({ name: '${name}', list: async () => ${code}, read: (name) => connect().get(name) });
      export const count = defineTask({
        name: 'count', params: z.object({}), inputs: () => ({ listing: orders.partitions() }),
        outputs: { count: value<number>() }, run: async ({ inputs }) => ({ count: inputs.listing.names.length }),
      });`;
    await writeFile(path.join(root, 'tasks.ts'), reader('[]', 'orders'));
    const [before] = await (await createBuilder()).build();
    expect(before?.packages).toEqual(['node_modules/zod@4.0.0']);
    await writeFile(path.join(root, 'tasks.ts'), reader('connect().list()', 'orders'));
    expect((await fingerprints()).count).toBe(before?.fingerprint);
    await writeFile(path.join(root, 'tasks.ts'), reader('[]', 'sales'));
    expect((await fingerprints()).count).not.toBe(before?.fingerprint);
  });

  it('changes with the params of a task that it names as an input', async () => {
    const before = await fingerprints();
    await edit('tasks.ts', (text) => text.replace("name: 'clean-name'", "name: 'cleaned-name'"));
    expect((await fingerprints()).padded).not.toBe(before.padded);
  });

  it.each(['node_modules/left-pad', 'node_modules/deep'])(
    'changes with the locked version of %s only where it is reached',
    async (name) => {
      const before = await fingerprints();
      const after = await fingerprints({
        packages: { ...LOCK.packages, [name]: { ...LOCK.packages[name], version: '2.0.0' } },
      });
      expect(after.cleanName).toBe(before.cleanName);
      expect(after.padded).not.toBe(before.padded);
    },
  );

  it('does not change with the version of a package nobody reaches, nor with the folder', async () => {
    const before = await fingerprints();
    const packages = { ...LOCK.packages, 'node_modules/elsewhere': { version: '9.0.0' } };
    expect(await fingerprints({ packages })).toEqual(before);
    const moved = `${root}-moved`;
    await mkdir(moved);
    await cp(root, moved, { recursive: true });
    const builder = await createCodeBuilder({
      root: moved,
      files: ['tasks.ts'],
      folder: path.join(moved, 'out'),
      lock: LOCK,
    });
    const built = await builder.build();
    await builder.close();
    await rm(moved, { recursive: true });
    expect(Object.fromEntries(built.map(({ exported, fingerprint }) => [exported, fingerprint]))).toEqual(before);
  });

  it('is that of two tasks with one name of function in two files apart', async () => {
    await writeFile(
      path.join(root, 'more.ts'),
      TASKS.replace('+ query', '+ 1').replaceAll("'clean-name'", "'clean-more'"),
    );
    const built = await (await createBuilder(LOCK, ['tasks.ts', 'more.ts'])).build();
    expect(new Set(built.map(({ fingerprint }) => fingerprint)).size).toBe(built.length);
  });
});

describe('a bundle', () => {
  const write = (text: string): Promise<void> => writeFile(path.join(root, 'tasks.ts'), text);
  const plain = TASKS.replace(
    "import leftPad from 'left-pad';\n",
    'const leftPad = (text, width) => text.padStart(width);\n',
  ).replace("import { z } from 'zod';", 'const z = { object: () => ({}), string: () => ({}) };');
  const weir = `export const value = () => ({ kind: 'value' }); export const defineTask = (options) => ({ ...options, goal: (params) => ({ task: options.name, params }) });`;
  const load = async () => {
    await writeFile(path.join(root, 'weir.mjs'), weir);
    const weirUrl = pathToFileURL(path.join(root, 'weir.mjs')).href;
    const builder = await createCodeBuilder({
      root,
      files: ['tasks.ts'],
      folder: path.join(root, 'code'),
      lock: LOCK,
      weirUrl,
    });
    builders.push(builder);
    return loadBuiltTasks(await builder.build());
  };

  it('runs what was hashed, whatever the disk holds later', async () => {
    await write(plain);
    const { tasks, fingerprints: known } = await load();
    await edit('helpers/blanks.ts', () => 'export const blanks = /x/g;');
    const task = tasks.find(({ name }) => name === 'clean-name');
    expect(await task?.run({ params: { text: ' A b ' } } as never)).toEqual({ text: 'abselect 1' });
    expect(known.get('clean-name')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('refuses to run the code of a task that is only named as an input', async () => {
    await write(plain.replace('leftPad(inputs.cleaned.text, 10)', '(await cleanName.run({})).text'));
    const { tasks } = await load();
    const padded = tasks.find(({ name }) => name === 'padded');
    await expect(padded?.run({ inputs: {} } as never)).rejects.toThrow('not part of the task that called it');
  });

  it('is built again only where something changed', async () => {
    const many = Array.from(
      { length: 50 },
      (_, index) => `
      export const task${index} = defineTask({ name: 'task-${index}', params: z.object({}), outputs: {}, run: async () => ({ at: clean('${index}') }) });`,
    );
    await write(
      `import { z } from 'zod';\nimport { defineTask } from 'weir';\nimport { clean } from './helpers/clean.ts';\n${many.join('\n')}`,
    );
    const builder = await createBuilder();
    const first = await builder.build();
    await edit('tasks.ts', (text) => text.replace("clean('7')", "clean('seven')"));
    const second = await builder.build();
    const changed = second.filter((task, index) => task.fingerprint !== first[index]?.fingerprint);
    expect(changed.map(({ exported }) => exported)).toEqual(['task7']);
  });
});
