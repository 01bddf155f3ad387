import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BuiltTask, createCodeBuilder, type PackageLock } from '#engine';

const task = (name: string, body: string): string =>
  `export const ${name} = defineTask({ name: '${name}', params: z.object({}), outputs: {}, run: async () => ${body} });\n`;
const HEAD = `import { z } from 'zod';\nimport { defineTask } from 'weir';\n`;
const FILES = {
  'one.ts': `${HEAD}import { deep } from './text/clean';\n${task('cleaning', 'deep(1)')}`,
  'two.ts': `${HEAD}import query from './query.sql';\nimport { words } from '#words';\n${task('asking', 'query')}${task('speaking', 'words')}`,
  'three.ts': `${HEAD}import { linked } from 'linked';\nimport pad from 'padding';\n${task('linking', 'linked')}${task('padding', 'pad(1)')}`,
  'text/clean.ts': `import { blank } from './blank.ts';\nexport const deep = (value: number): number => value + blank;\n`,
  'text/blank.ts': 'export const blank = 1;\n',
  'query.sql': 'select 1',
  'words.ts': `export const words = 'one';\n`,
  'package.json': '{"imports": {"#words": "./words.ts"}}',
};
const LOCK: PackageLock = {
  packages: {
    'node_modules/linked': { link: true },
    'node_modules/padding': { version: '1.0.0' },
    'node_modules/zod': { version: '4.0.0' },
  },
};

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'weir-memory-test-'));
  await write(FILES);
  const other = path.join(root, 'packages', 'linked');
  await write({
    'packages/linked/package.json': '{"name": "linked", "main": "main.ts"}',
    'packages/linked/main.ts': `export const linked = 'one';`,
  });
  await mkdir(path.join(root, 'node_modules'));
  await symlink(other, path.join(root, 'node_modules', 'linked'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  }
}

/** Names of the tasks that were bundled, and fingerprints of all; each call as a process of its own would. */
async function build(lock: PackageLock = LOCK, at = root) {
  const bundled: string[] = [];
  const builder = await createCodeBuilder(
    { root: at, files: ['one.ts', 'two.ts', 'three.ts'], folder: path.join(at, '.weir', 'code'), lock },
    { onBundle: (sources) => void bundled.push(...sources.map(({ exported }) => exported)) },
  );
  const built = await builder.build();
  await builder.close();
  return { bundled: bundled.sort(), built, fingerprints: fingerprintsOf(built) };
}
const fingerprintsOf = (built: readonly BuiltTask[]): Readonly<Record<string, string>> =>
  Object.fromEntries(built.map(({ exported, fingerprint }) => [exported, fingerprint]));
const ALL = ['asking', 'cleaning', 'linking', 'padding', 'speaking'];

describe('a build of code', () => {
  it('bundles everything once, and nothing again, in this process and in the next', async () => {
    const first = await build();
    expect(first.bundled).toEqual(ALL);
    const second = await build();
    expect(second.bundled).toEqual([]);
    expect(second.built).toEqual(first.built);
  });

  it.each<[string, Readonly<Record<string, string>>, readonly string[], readonly string[]]>([
    ['its own file', { 'one.ts': FILES['one.ts'].replace('deep(1)', 'deep(2)') }, ['cleaning'], ['cleaning']],
    ['a helper behind a helper', { 'text/blank.ts': 'export const blank = 2;' }, ['cleaning'], ['cleaning']],
    ['a comment in a helper', { 'text/blank.ts': '// one\nexport const blank = 1;' }, ['cleaning'], []],
    ['a text', { 'query.sql': 'select 2' }, ['asking'], ['asking']],
    ['a file by the project’s own word', { 'words.ts': `export const words = 'two';` }, ['speaking'], ['speaking']],
    [
      'a linked package, which no lock describes',
      { 'packages/linked/main.ts': `export const linked = 'two';` },
      ['linking'],
      ['linking'],
    ],
    [
      'what an import means, by a file that comes before the one it meant',
      { 'text/clean.tsx': 'export const deep = (value: number): number => value + 7;' },
      ['cleaning'],
      ['cleaning'],
    ],
  ])('bundles again only what reaches %s', async (_, files, bundled, changed) => {
    const before = await build();
    await write(files);
    const after = await build();
    expect(after.bundled).toEqual(bundled);
    expect(ALL.filter((name) => after.fingerprints[name] !== before.fingerprints[name])).toEqual(changed);
    expect((await build()).bundled).toEqual([]);
  });

  it('bundles again what reaches a package that is locked at another version', async () => {
    const before = await build();
    const lock = { packages: { ...LOCK.packages, 'node_modules/padding': { version: '2.0.0' } } };
    const after = await build(lock);
    expect(after.bundled).toEqual(['padding']);
    expect(after.fingerprints.padding).not.toBe(before.fingerprints.padding);
  });

  it('bundles again what is no longer there, or what nothing is known of', async () => {
    const { built } = await build();
    await rm(built[0]?.path ?? '');
    expect((await build()).bundled).toEqual(['cleaning']);
    await writeFile(path.join(root, '.weir', 'code', 'built.json'), '{"maker": ');
    expect((await build()).bundled).toEqual(ALL);
  });

  it('forgets tasks that are gone, and knows a project that moved', async () => {
    const before = await build();
    await write({ 'two.ts': `${HEAD}export const nothing = 1;` });
    expect(Object.keys((await build()).fingerprints).sort()).toEqual(['cleaning', 'linking', 'padding']);
    const memory = await readFile(path.join(root, '.weir', 'code', 'built.json'), 'utf8');
    expect(memory).not.toContain('asking');
    const moved = `${root}-moved`;
    await cp(root, moved, { recursive: true });
    const after = await build(LOCK, moved);
    expect(after.fingerprints.cleaning).toBe(before.fingerprints.cleaning);
    expect(after.built.every((each) => each.path.startsWith(moved))).toBe(true);
    await rm(moved, { recursive: true });
  });
});
