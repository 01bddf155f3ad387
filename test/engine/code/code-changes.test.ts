import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CodeProject, createCodeProject, json, taskSaying, word } from './code-project.ts';

type Files = Readonly<Record<string, string>>;

let project: CodeProject;
beforeEach(async () => {
  project = await createCodeProject();
});
afterEach(() => project.remove());

/** What the task gave before a change and gives after it; when nothing changes, nothing is bundled again. */
async function sayAround(change: () => Promise<void>, file = 'tasks.ts'): Promise<readonly unknown[]> {
  const before = await project.say({ file });
  expect(await project.say({ file })).toEqual({ ...before, isBundled: false });
  await change();
  const after = await project.say({ file });
  expect(await project.say({ file })).toEqual({ ...after, isBundled: false });
  expect(after.fingerprint).not.toBe(before.fingerprint);
  return [before.said, after.said];
}

const usesImports = {
  'tasks.ts': taskSaying('word', `import { word } from '#word';`),
  'one.ts': word('one'),
  'two.ts': word('two'),
  'package.json': json({ imports: { '#word': './one.ts' } }),
};
const usesPackage = {
  'tasks.ts': taskSaying('word', `import { word } from 'lib';`),
  'packages/lib/one.js': word('one'),
  'packages/lib/two.js': word('two'),
  'packages/lib/package.json': json({ type: 'module', main: './one.js' }),
};
const usesPaths = {
  'tasks.ts': taskSaying('word', `import { word } from '@/word';`),
  'one/word.ts': word('one'),
  'two/word.ts': word('two'),
};
const usesPart = { 'tasks.ts': taskSaying('word', `import { word } from './part';`) };
const pathsTo = (...folders: readonly string[]): string =>
  json({ compilerOptions: { paths: { '@/*': folders.map((folder) => `./${folder}/*`) } } });

const CHANGES: readonly (readonly [string, Files, Files])[] = [
  ['imports of package.json', usesImports, { 'package.json': json({ imports: { '#word': './two.ts' } }) }],
  [
    'a package.json that is nearer',
    {
      ...usesImports,
      'part/word.ts': `export { word } from '#word';\n`,
      'part/two.ts': word('two'),
      'tasks.ts': taskSaying('word', `import { word } from './part/word.ts';`),
    },
    { 'part/package.json': json({ imports: { '#word': './two.ts' } }) },
  ],
  [
    'main of a linked package',
    usesPackage,
    { 'packages/lib/package.json': json({ type: 'module', main: './two.js' }) },
  ],
  [
    'exports of a linked package',
    usesPackage,
    { 'packages/lib/package.json': json({ type: 'module', main: './one.js', exports: './two.js' }) },
  ],
  [
    'the type of a linked package',
    {
      'tasks.ts': taskSaying('word', `import { word } from 'lib';`),
      'packages/lib/package.json': json({ main: './main.js' }),
      'packages/lib/main.js': `import data from './data.cjs';\nexport const word = typeof data === 'string' ? 'one' : 'two';\n`,
      'packages/lib/data.cjs': `exports.__esModule = true;\nexports.default = 'one';\n`,
    },
    { 'packages/lib/package.json': json({ main: './main.js', type: 'module' }) },
  ],
  ['paths of tsconfig.json', { ...usesPaths, 'tsconfig.json': pathsTo('one') }, { 'tsconfig.json': pathsTo('two') }],
  [
    'what a tsconfig.json extends, two steps away',
    {
      ...usesPaths,
      'tsconfig.json': '{\n  // A comment, and commas too many.\n  "extends": ["./config/base",],\n}',
      'config/base.json': json({ extends: '../root.json' }),
      'root.json': pathsTo('one'),
    },
    { 'root.json': pathsTo('two') },
  ],
  [
    'what a tsconfig.json extends in a package',
    {
      ...usesPaths,
      'tsconfig.json': json({ extends: 'lib/base.json' }),
      'packages/lib/base.json': pathsTo('../../one'),
    },
    { 'packages/lib/base.json': pathsTo('../../two') },
  ],
  [
    'a file that paths of tsconfig.json find first',
    { ...usesPaths, 'tsconfig.json': pathsTo('zero', 'one') },
    { 'zero/word.ts': word('two') },
  ],
  [
    'a file in TypeScript beside one in JavaScript',
    { ...usesPart, 'part.js': word('one') },
    { 'part.ts': word('two') },
  ],
  [
    'an index in TypeScript beside one in JavaScript',
    { ...usesPart, 'part/index.js': word('one') },
    { 'part/index.ts': word('two') },
  ],
  ['a file beside a folder of its name', { ...usesPart, 'part/index.ts': word('one') }, { 'part.ts': word('two') }],
  [
    'a folder that says which of its files is meant',
    { ...usesPart, 'part/index.ts': word('one'), 'part/two.ts': word('two') },
    { 'part/package.json': json({ main: './two.ts' }) },
  ],
  [
    'a file that an import with a pattern finds',
    { 'tasks.ts': taskSaying(`(await import(\`./parts/\${'a'}.ts\`)).word`), 'parts/a.ts': word('one') },
    { 'parts/a.ts': word('two') },
  ],
  [
    'a file that an import with a pattern did not find',
    {
      'tasks.ts': taskSaying(
        'load()',
        `const load = async () => { try { return (await import(\`./parts/\${'a'}.ts\`)).word } catch { return 'one' } };`,
      ),
      'parts/b.ts': word('b'),
    },
    { 'parts/a.ts': word('two') },
  ],
  [
    'a file that may be missing',
    {
      'tasks.ts': taskSaying(
        'load()',
        `const load = () => { try { return require('./extra.cjs'); } catch { return 'one'; } };`,
      ),
    },
    { 'extra.cjs': `module.exports = 'two';` },
  ],
];

describe('a change of a project', () => {
  it.each(CHANGES)('is seen in %s', async (_, files, changed) => {
    await project.write(files);
    await project.link('node_modules/lib', 'packages/lib');
    expect(await sayAround(() => project.write(changed))).toEqual(['one', 'two']);
  });

  it('is seen in a linked package that is nearer', async () => {
    await project.write({ ...usesPackage, 'sub/tasks.ts': usesPackage['tasks.ts'] });
    await project.link('node_modules/lib', 'packages/lib');
    const change = async (): Promise<void> => {
      await project.write({ 'other/package.json': json({ main: 'index.ts' }), 'other/index.ts': word('two') });
      await project.link('sub/node_modules/lib', 'other');
    };
    expect(await sayAround(change, 'sub/tasks.ts')).toEqual(['one', 'two']);
  });

  it.each([
    ['the file of a task', 'tasks.ts', ['first/tasks.ts', 'second/tasks.ts']],
    ['a folder that is imported from', 'part', ['first', 'second']],
    ['a package', 'node_modules/lib', ['first', 'second']],
  ] as const)('is seen in %s that is a link and leads elsewhere', async (_, from, [first, second]) => {
    const uses = { 'tasks.ts': './word.ts', part: './part/word.ts', 'node_modules/lib': 'lib' }[from];
    const task = taskSaying('word', `import { word } from '${uses}';`);
    await project.write({ 'tasks.ts': task, 'first/tasks.ts': task, 'second/tasks.ts': task });
    await project.write({ 'first/word.ts': word('one'), 'second/word.ts': word('two') });
    for (const folder of ['first', 'second'])
      await project.write({ [`${folder}/package.json`]: json({ main: 'word.ts' }) });
    await project.link(from, first);
    expect(await sayAround(() => project.link(from, second))).toEqual(['one', 'two']);
  });

  it('is seen in whether its files have side effects', async () => {
    await project.write({
      'tasks.ts': taskSaying(`globalThis.registered ?? 'one'`, `import './register.ts';`),
      'register.ts': `globalThis.registered = 'two';\n`,
      'package.json': json({ sideEffects: false }),
    });
    expect(await sayAround(() => project.write({ 'package.json': json({ sideEffects: true }) }))).toEqual([
      'one',
      'two',
    ]);
  });

  it('is seen in what its class fields mean', async () => {
    const classes = `class A { constructor() { this.said = 'two'; } }\nclass B extends A { said; }`;
    await project.write({ 'tasks.ts': taskSaying(`new B().said ?? 'one'`, classes) });
    const settings = json({ compilerOptions: { useDefineForClassFields: false } });
    expect(await sayAround(() => project.write({ 'tsconfig.json': settings }))).toEqual(['one', 'two']);
  });

  it('is nothing where settings change that shape nothing', async () => {
    await project.write({ ...usesImports, 'tsconfig.json': json({ compilerOptions: { strict: false } }) });
    const before = await project.say();
    await project.write({ 'tsconfig.json': json({ compilerOptions: { strict: true } }), 'README.md': 'Read me.' });
    expect((await project.say()).fingerprint).toBe(before.fingerprint);
  });

  it('is nothing where the folder of the project is a link', async () => {
    await project.write(usesImports);
    const before = await project.say();
    await project.link('../alias', '.');
    const after = await project.say({ root: `${project.root}/../alias` });
    expect(after).toEqual({ ...before, isBundled: false });
  });
});

describe('the version of a package', () => {
  const usesVersion = { 'tasks.ts': taskSaying('word', `import { word } from 'lib';`) };
  const lib = (version: string, text = 'one'): Files => ({
    'node_modules/lib/package.json': json({ version, main: 'main.js', type: 'module', dependencies: { deep: '*' } }),
    'node_modules/lib/main.js': word(text),
  });

  it('is that which is installed where no lock says it, for what it depends on too', async () => {
    await project.write({
      ...usesVersion,
      ...lib('1.0.0'),
      'node_modules/deep/package.json': json({ version: '3.0.0' }),
    });
    const first = await project.say();
    expect(first.packages).toEqual(['node_modules/deep@3.0.0', 'node_modules/lib@1.0.0']);
    await project.write({ 'node_modules/deep/package.json': json({ version: '3.0.1' }) });
    const second = await project.say();
    expect(second.packages).toEqual(['node_modules/deep@3.0.1', 'node_modules/lib@1.0.0']);
    expect(second.fingerprint).not.toBe(first.fingerprint);
  });

  it('is that of the lock, and also what is installed instead', async () => {
    const lock = { packages: { 'node_modules/lib': { version: '1.0.0' } } };
    await project.write({ ...usesVersion, ...lib('1.0.0') });
    const first = await project.say({ lock });
    expect(first.packages).toEqual(['node_modules/lib@1.0.0']);
    await project.write(lib('1.0.1'));
    expect((await project.say({ lock })).packages).toEqual(['node_modules/lib@1.0.0 (installed: 1.0.1)']);
  });

  it('is more than a number where it comes from no registry', async () => {
    const lockOf = (resolved: string) => ({ packages: { 'node_modules/lib': { version: '1.0.0', resolved } } });
    await project.write({ ...usesVersion, ...lib('1.0.0') });
    const first = await project.say({ lock: lockOf('git+ssh://git@example.com/lib.git#1111') });
    const second = await project.say({ lock: lockOf('git+ssh://git@example.com/lib.git#2222') });
    expect(second.fingerprint).not.toBe(first.fingerprint);
    const released = await project.say({ lock: lockOf('https://registry.example.com/lib/-/lib-1.0.0.tgz') });
    expect(released.packages).toEqual(['node_modules/lib@1.0.0']);
  });

  it('is found as Node finds the package, where the lock is that of a workspace', async () => {
    const lock = {
      folder: `${project.root}/..`,
      packages: { 'node_modules/lib': { version: '1.0.0' }, 'project/node_modules/lib': { version: '2.0.0' } },
    };
    await project.write({ ...usesVersion, ...lib('2.0.0') });
    expect((await project.say({ lock })).packages).toEqual(['project/node_modules/lib@2.0.0']);
  });
});

describe('a package', () => {
  it('is found from the file that imports it, wherever the state is kept', async () => {
    await project.write({
      'tasks.ts': taskSaying(
        `word + ' ' + other`,
        `import { word } from 'lib';\nimport { word as other } from 'plain';`,
      ),
      'packages/lib/package.json': json({ main: 'main.ts' }),
      'packages/lib/main.ts': `export { word } from 'plain';\n`,
      'packages/lib/node_modules/plain/package.json': json({ type: 'module', main: 'main.js', version: '2.0.0' }),
      'packages/lib/node_modules/plain/main.js': word('nested'),
      'node_modules/plain/package.json': json({ type: 'module', main: 'main.js', version: '1.0.0' }),
      'node_modules/plain/main.js': word('own'),
    });
    await project.link('node_modules/lib', 'packages/lib');
    expect(await project.say()).toMatchObject({
      said: 'nested own',
      packages: ['node_modules/plain@1.0.0', 'packages/lib/node_modules/plain@2.0.0'],
    });
    expect(await project.say({ state: `${project.root}/../state` })).toMatchObject({ said: 'nested own' });
  });

  it.each([
    ['is in TypeScript', { main: 'main.ts' }, { 'main.ts': word('said') }],
    [
      'is in TypeScript and names it in exports',
      { exports: { '.': './src/main.ts' } },
      { 'src/main.ts': `${word('said')}export type A = 1;` },
    ],
    ['exports JSON', { exports: { '.': './main.json' } }, { 'main.json': json({ word: 'said' }) }],
  ] as const)('can be installed that %s', async (_, manifest, files) => {
    await project.write({ 'tasks.ts': taskSaying('word', `import { word } from '@scope/lib';`) });
    for (const [file, text] of Object.entries({ ...files, 'package.json': json(manifest) }))
      await project.write({ [`node_modules/@scope/lib/${file}`]: text });
    expect((await project.say()).said).toBe('said');
  });

  it('can be linked that is CommonJS, and requires what Node and others bring', async () => {
    await project.write({
      'tasks.ts': taskSaying('lib.said', `import lib from 'lib';`),
      'packages/lib/package.json': json({ main: 'main.js' }),
      'packages/lib/main.js': `const path = require('path');\nconst { word } = require('plain');\nexports.said = path.posix.join('a', word);\n`,
      'packages/lib/node_modules/plain/package.json': json({ main: 'main.js' }),
      'packages/lib/node_modules/plain/main.js': `exports.word = 'b';\n`,
    });
    await project.link('node_modules/lib', 'packages/lib');
    expect((await project.say()).said).toBe('a/b');
  });

  it('can be meant by a name of the project', async () => {
    await project.write({
      'tasks.ts': taskSaying('word', `import { word } from '#lib';`),
      'package.json': json({ imports: { '#lib': 'lib' } }),
      'node_modules/lib/package.json': json({ type: 'module', main: 'main.js', version: '1.0.0' }),
      'node_modules/lib/main.js': word('said'),
    });
    expect(await project.say()).toMatchObject({ said: 'said', packages: ['node_modules/lib@1.0.0'] });
  });

  it('that is Weir itself, linked or mapped, is the Weir that runs', async () => {
    await project.write({
      'tasks.ts': taskSaying(`'said'`),
      'clone/package.json': json({ name: 'weir', main: 'index.js' }),
      'clone/index.js': `throw new Error('A second Weir.');\n`,
      'tsconfig.json': json({ compilerOptions: { paths: { weir: ['./clone/index.js'] } } }),
    });
    await project.link('node_modules/weir', 'clone');
    const lock = { packages: { 'node_modules/weir': { link: true, resolved: 'clone' } } };
    expect((await project.say({ lock })).said).toBe('said');
  });
});

describe('the address of a file', () => {
  it('is that of the source in every form that Node has for it, and plain text stays', async () => {
    await project.write({
      'part/tasks.ts': taskSaying(
        `[import.meta.filename, import.meta.dirname, new URL('.', import.meta.url).href, 'import.meta.url']`,
      ),
    });
    const folder = `${project.root}/part`;
    const { said } = await project.say({ file: 'part/tasks.ts' });
    expect(said).toEqual([`${folder}/tasks.ts`, folder, `file://${folder}/`, 'import.meta.url']);
  });
});
