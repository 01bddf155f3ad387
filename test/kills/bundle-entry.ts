import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** Doors lead to source; packages stay outside, and those that nobody uses are not even loaded. */
const leanPackages: Plugin = {
  name: 'lean-packages',
  setup: (build) => {
    build.onResolve({ filter: /^#/ }, ({ path: door }) => ({
      path: path.join(REPOSITORY, 'src', door.slice(1), 'index.ts'),
      sideEffects: false,
    }));
    build.onResolve({ filter: /^[a-z@]/ }, ({ path: name, kind }) =>
      kind === 'entry-point' ? undefined : { path: name, external: true, sideEffects: false },
    );
  },
};

/** A program as one plain file, which starts in a tenth of the time that a loader of its sources takes. */
export interface BundledEntry {
  readonly file: string;
  remove(): Promise<void>;
}

/** Bundles a TypeScript program for tests that start it again and again. It lies below node_modules, where packages are found. */
export async function bundleEntry(entry: URL): Promise<BundledEntry> {
  const folder = path.join(REPOSITORY, 'node_modules', '.cache', 'weir-tests');
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `${path.basename(entry.pathname, '.ts')}.${process.pid}.mjs`);
  await build({
    ...{ entryPoints: [fileURLToPath(entry)], outfile: file, bundle: true, format: 'esm', platform: 'node' },
    ...{ target: 'node20', conditions: ['weir-source'], logLevel: 'silent', plugins: [leanPackages] },
  });
  return { file, remove: () => rm(file, { force: true }) };
}
