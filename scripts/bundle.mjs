// Bundles the parts into the folder that it is given: a process then loads some fifty files instead of five hundred, in half
// of the time.
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { build, transform } from 'esbuild';
import { writeMerged } from './merge-chunks.mjs';
import { rootFolder } from './root-folder.mjs';
import { createStraightener } from './straight-imports.mjs';

const [, , folder] = process.argv;

const source = join(rootFolder, 'src');
const straighten = createStraightener(source);
// What processes are started from, what projects import, and the command line by itself. What several of them use lies in
// chunks beside them, so that it is loaded once in each process.
const ENTRIES = [
  ...['app/main', 'app/command-line', 'app/worker', 'app/library', 'app/project/contract-library'],
  ...['engine/execute/guard', 'store/duckdb/child', 'contracts/sweep/block-worker', 'ml/lightgbm/child'],
  'ml/lightgbm/peer-thread',
  'api/client/index',
];

// What people start by hand and wait for: commands begin with the first, and a check of a file is often all of a process.
const BUSIEST = ['app/main', 'app/cli/commands/check/run', 'app/project/load-odcs'].map((name) => `src/${name}.ts`);

// A module finds what lies beside it by its own address, which must be the same in a chunk: that of the file it would be
// without bundling. Chunks and the entries that hold such modules lie one folder deep.
const ownSources = {
  name: 'own-sources',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = straighten(await readFile(path, 'utf8')).replace(
        /^import { z } from 'zod';$/m,
        "import * as z from 'zod/v4';",
      );
      if (!text.includes('import.meta.url')) return { contents: text, loader: 'ts' };
      const name = relative(source, path).replaceAll(sep, '/').replace(/\.ts$/, '');
      // Not written as it is named, which is what would be replaced.
      const real = "Reflect.get(import.meta, 'url')";
      const address = ENTRIES.includes(name) ? real : `new URL('../${name}.js', ${real}).href`;
      // On the first line, so that the lines stay what they are.
      return { contents: `const weirModuleUrl = ${address}; ${text}`, loader: 'ts' };
    });
  },
};

const otherPackages = {
  name: 'other-packages',
  setup({ onResolve }) {
    onResolve({ filter: /^[@a-z]/ }, ({ path, kind }) =>
      kind === 'entry-point' || /^(zod|commander)(\/|$)/.test(path) ? undefined : { path, external: true },
    );
  },
};

// zod is bundled as well, without what nobody uses: its hundred files would take 45 ms of each process, one takes less than
// half. Its registry is one for all copies in a process. Half of it are messages in other languages, which only the library
// gives on: it has the two lists of what zod exports as they are, and all others have them without these. Nobody reads its
// code in what is built, and shorter names load in less time.
const zodFolder = join(rootFolder, 'node_modules', 'zod', 'v4');
const LISTS = /\/zod\/v4\/(core\/index|classic\/external)\.js$/;
const WHOLE = 'whole-zod';
const zod = {
  name: 'zod',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^zod$/ }, ({ path, importer }) =>
      importer === join(source, 'app', 'library.ts') ? { path, namespace: WHOLE } : undefined,
    );
    onLoad({ filter: /^zod$/, namespace: WHOLE }, () => {
      return { contents: "export * as z from './classic/external.js';", resolveDir: zodFolder };
    });
    onResolve({ filter: /^\.\.?\//, namespace: WHOLE }, ({ path, resolveDir }) => {
      const file = join(resolveDir, path);
      return LISTS.test(file) ? { path: file, namespace: WHOLE } : { path: file };
    });
    onLoad({ filter: LISTS, namespace: WHOLE }, async ({ path }) => {
      return { contents: await readFile(path, 'utf8'), resolveDir: dirname(path) };
    });
    onLoad({ filter: /\/node_modules\/zod\/.*\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const used = LISTS.test(path) ? text.replace(/^export \* as locales .*$/m, '') : text;
      return { contents: (await transform(used, { minify: true, format: 'esm', target: 'node20' })).code };
    });
  },
};

// Every command starts with commander, whose six files of CommonJS and what they load of Node take 4 ms more outside. Only
// commands that are programs of their own need processes, and there is none.
const commander = {
  name: 'commander',
  setup({ onLoad }) {
    onLoad({ filter: /\/node_modules\/commander\/.*\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const lazy = text
        .replace("const childProcess = require('node:child_process');", '')
        .replaceAll('childProcess.', "require('node:child_process').");
      return { contents: lazy.replaceAll("require('node:", "globalThis.process.getBuiltinModule('node:") };
    });
  },
};

const common = { absWorkingDir: rootFolder, bundle: true, platform: 'node', target: 'node20', logLevel: 'warning' };

const written = { ...common, format: 'esm', sourcesContent: false };

const built = await build({
  ...written,
  entryPoints: Object.fromEntries(ENTRIES.map((name) => [name, join(source, `${name}.ts`)])),
  ...{ outdir: folder, chunkNames: 'chunks/[name]-[hash]', splitting: true, write: false, metafile: true },
  ...{ conditions: ['weir-source'], sourcemap: 'inline' },
  define: { 'import.meta.url': 'weirModuleUrl' },
  plugins: [zod, commander, otherPackages, ownSources],
});

// A fifth less to read without spaces and comments. Names stay, because traces and errors show them.
await writeMerged(built, {
  ...{ folder, busiest: BUSIEST },
  options: { ...written, minifyWhitespace: true, minifySyntax: true, sourcemap: true },
});

// For `src/store/yaml-package.ts`.
await build({
  ...common,
  entryPoints: ['yaml'],
  outfile: join(folder, 'packages', 'yaml.cjs'),
  format: 'cjs',
  minify: true,
});
