// Bundles the parts into the folder that it is given: a process then loads some fifty files instead of five hundred, in half
// of the time.
import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { build } from 'esbuild';
import { rootFolder } from './root-folder.mjs';
import { createStraightener } from './straight-imports.mjs';

const [, , folder] = process.argv;

const source = join(rootFolder, 'src');
const straighten = createStraightener(source);
// What processes are started from, what projects import, and the command line by itself. What several of them use lies in
// chunks beside them, so that it is loaded once in each process.
const ENTRIES = [
  ...['app/main', 'app/command-line', 'app/worker', 'app/library', 'app/project/contract-library'],
  ...['engine/execute/guard', 'store/duckdb/child', 'contracts/sweep/block-worker', 'api/client/index'],
];

// A module finds what lies beside it by its own address, which must be the same in a chunk: that of the file it would be
// without bundling. Chunks and the entries that hold such modules lie one folder deep.
const ownSources = {
  name: 'own-sources',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = straighten(await readFile(path, 'utf8'));
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

// zod is bundled as well, without what nobody uses: its hundred files would take 45 ms of each process, one takes less than
// half. Its registry is one for all copies in a process.
const otherPackages = {
  name: 'other-packages',
  setup({ onResolve }) {
    onResolve({ filter: /^[@a-z]/ }, ({ path, kind }) =>
      kind === 'entry-point' || /^zod(\/|$)/.test(path) ? undefined : { path, external: true },
    );
  },
};

const common = { absWorkingDir: rootFolder, bundle: true, platform: 'node', target: 'node20', logLevel: 'warning' };

await build({
  ...common,
  entryPoints: Object.fromEntries(ENTRIES.map((name) => [name, join(source, `${name}.ts`)])),
  ...{ outdir: folder, chunkNames: 'chunks/[name]-[hash]', splitting: true },
  ...{ format: 'esm', conditions: ['weir-source'], sourcemap: true, sourcesContent: false },
  define: { 'import.meta.url': 'weirModuleUrl' },
  plugins: [otherPackages, ownSources],
});

// For `src/store/yaml-package.ts`.
await build({ ...common, entryPoints: ['yaml'], outfile: join(folder, 'packages', 'yaml.cjs'), format: 'cjs' });
