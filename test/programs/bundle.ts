import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

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

/** Bundles programs, each as one plain file of its name in `folder`, which must lie where packages are found. */
export async function bundlePrograms(programs: Readonly<Record<string, URL>>, folder: string): Promise<void> {
  await build({
    entryPoints: Object.entries(programs).map(([out, source]) => ({ in: fileURLToPath(source), out })),
    ...{ absWorkingDir: REPOSITORY, outdir: folder, bundle: true, format: 'esm', platform: 'node', target: 'node20' },
    ...{ outExtension: { '.js': '.mjs' }, conditions: ['weir-source'], logLevel: 'silent', plugins: [leanPackages] },
  });
}
