import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z as whole } from 'zod';
import { buildIsCurrent } from '../../scripts/prepare/stamps.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const dist = path.join(repository, 'dist');

// Plain JavaScript, untyped, as all scripts.
const { createStraightener }: { createStraightener: (source: string) => (text: string) => string } = await import(
  pathToFileURL(path.join(repository, 'scripts/straight-imports.mjs')).href
);

const IMPORTED = /(?<=^|;)(?:import|export)\s*(?:[^;'"()]*?\bfrom\s*)?["']([^"']+)["']/gm;

/** Files and packages that Node loads before the first line of a file of `dist` runs. */
function loadedWith(file: string): { readonly files: readonly string[]; readonly packages: readonly string[] } {
  const packages = new Set<string>();
  const files = new Set([file]);
  for (const each of files)
    for (const [, name = ''] of readFileSync(each, 'utf8').matchAll(IMPORTED))
      if (name.startsWith('.')) files.add(path.resolve(path.dirname(each), name));
      else if (!name.startsWith('node:')) packages.add(name);
  return { files: [...files], packages: [...packages].sort() };
}

const packagesOf = (file: string): readonly string[] => loadedWith(file).packages;

/** The sources of a file of `dist`, as its map names them. */
function sourcesOf(file: string): readonly string[] {
  const { sources } = JSON.parse(readFileSync(`${file}.map`, 'utf8')) as { readonly sources: readonly string[] };
  return sources.map((source) => path.relative(repository, path.resolve(path.dirname(file), source)));
}

/** The packages of which a file of `dist` holds code. */
const bundledIn = (file: string): readonly string[] =>
  sourcesOf(file).flatMap((source) => /^node_modules\/([^/]+)\//.exec(source)?.[1] ?? []);

/** The file of a command's work, by its sources: its own name is made from its content. */
function fileOfCommand(command: string): string {
  const source = `src/app/cli/commands/${command}/run.ts`;
  const found = readdirSync(path.join(dist, 'chunks'))
    .filter((name) => name.endsWith('.js'))
    .map((name) => path.join(dist, 'chunks', name))
    .find((file) => sourcesOf(file).includes(source));
  if (found === undefined) throw new Error(`Expected a file of dist/chunks to hold the command ${command}.`);
  return found;
}

describe('what was built', () => {
  it('is kept as it was compiled by every Node that can keep it, and runs on the others', () => {
    const help = execFileSync(process.execPath, [path.join(repository, 'bin/weir.mjs'), '--help'], {
      encoding: 'utf8',
    });
    expect(help).toContain('Usage: weir');
    const folder = path.join(repository, 'node_modules/.cache/weir/compiled');
    const kept = existsSync(folder) ? readdirSync(folder) : [];
    expect(kept.some((name) => name.startsWith(`${process.version}-`))).toBe('enableCompileCache' in module);
  });

  it('gives on all of zod, though its parts have it without the messages in other languages', async () => {
    const { z } = await import(pathToFileURL(path.join(repository, 'dist/app/library.js')).href);
    expect(Object.keys(z).sort()).toEqual(Object.keys(whole).sort());
    expect(Object.keys(z.core).sort()).toEqual(Object.keys(whole.core).sort());
    expect(z.locales.de().localeError).toBeTypeOf('function');
  });

  it('is built from the present sources', () => {
    expect(buildIsCurrent(repository), 'run "npm run build", or "npm test"').toBe(true);
  });

  it.each([
    ['app/main', []],
    ['app/library', []],
    ['app/project/contract-library', []],
    ['app/worker', ['pg', 'pg-copy-streams']],
    ['engine/execute/guard', []],
    ['store/duckdb/child', ['@duckdb/node-api']],
    ['ml/lightgbm/child', []],
  ])('loads with %s no package but %j', (entry, packages) => {
    expect(packagesOf(path.join(dist, `${entry}.js`))).toEqual(packages);
  });

  it.each([
    ['check', []],
    ['corrupt', []],
    ['runs', ['pg', 'pg-copy-streams']],
    ['sources', ['pg', 'pg-copy-streams']],
  ])('loads for weir %s no package but %j', (command, packages) => {
    expect(packagesOf(fileOfCommand(command))).toEqual(packages);
  });

  it.each([fileOfCommand('check'), path.join(dist, 'app/project/contract-library.js')])(
    'loads no zod, no YAML, no settings and no report for a check: %s',
    (file) => {
      const { files } = loadedWith(file);
      expect(files.flatMap(bundledIn).filter((name) => name !== 'commander')).toEqual([]);
      const sources = files.flatMap(sourcesOf);
      expect(sources.length).toBeGreaterThan(20);
      expect(
        sources.filter((source) => /project\/config|contracts\/(report|interchange)\/|src\/web\//.test(source)),
      ).toEqual([]);
    },
  );
});

describe('the files that a process loads', () => {
  // Each takes a fifth of a millisecond, besides its text.
  it.each([
    ['the command line', [path.join(dist, 'app/main.js')], 12],
    ['a check of a file', [path.join(dist, 'app/main.js'), fileOfCommand('check')], 34],
  ])('are few for %s', (_, entries, most) => {
    const files = new Set(entries.flatMap((entry) => loadedWith(entry).files));
    expect(files.size).toBeLessThanOrEqual(most);
  });

  it('find all that they import, by the name that is given', async () => {
    for (const file of readdirSync(path.join(dist, 'chunks')).filter((name) => /^together-.*\.js$/.test(name)))
      expect(Object.keys(await import(pathToFileURL(path.join(dist, 'chunks', file)).href)).length).toBeGreaterThan(0);
  });
});

describe('imports through the doors of parts, in a bundle', () => {
  let source = '';
  beforeEach(() => {
    source = mkdtempSync(path.join(tmpdir(), 'weir-doors-'));
    for (const folder of ['bank/vault', 'shop']) mkdirSync(path.join(source, folder), { recursive: true });
    const write = (file: string, text: string): void => writeFileSync(path.join(source, file), text);
    write('shop/index.ts', "export { till } from './till.ts';\n");
    write('bank/vault/index.ts', "export { gold, silver as metal } from './gold.ts';\n");
    write(
      'bank/index.ts',
      [
        "export { money } from '#shop';",
        "export { type Account, open } from './account.ts';",
        "export type { Loan } from './loan.ts';",
        "export * from './vault/index.ts';",
        'export const rate = 1;\n',
      ].join('\n'),
    );
  });
  afterEach(() => rmSync(source, { recursive: true }));

  it('lead to the files that hold what is imported', () => {
    const file = (name: string): string => JSON.stringify(path.join(source, name));
    const straighten = createStraightener(source);
    expect(straighten("import { type Account, gold, open as begin } from '#bank';\nopen();\n")).toBe(
      `import { gold } from ${file('bank/vault/gold.ts')}; import { open as begin } from ${file('bank/account.ts')};\nopen();\n`,
    );
    expect(straighten("export { till } from '#shop';\n")).toBe(`export { till } from ${file('shop/till.ts')};\n`);
  });

  it('still go through the door for what it holds, renames, or takes from another part', () => {
    expect(createStraightener(source)("import { metal, money, rate } from '#bank';\n")).toBe(
      'import { metal } from "#bank"; import { money } from "#bank"; import { rate } from "#bank";\n',
    );
  });

  it('take as many lines as before', () => {
    const text = "import {\n  gold,\n  open,\n} from '#bank';\nimport { till } from '#shop';\nsell();\n";
    expect(createStraightener(source)(text).split('\n')[5]).toBe('sell();');
  });
});
