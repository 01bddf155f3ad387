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

/** Bundles programs of the test folder, each as one plain file at its place below `folder`, which must lie where packages are found. */
export async function bundlePrograms(programs: readonly string[], folder: string): Promise<void> {
  const test = path.join(REPOSITORY, 'test');
  await build({
    ...{ entryPoints: programs.map((program) => path.join(test, program)), outbase: test, outdir: folder },
    ...{ bundle: true, format: 'esm', platform: 'node', target: 'node20', outExtension: { '.js': '.mjs' } },
    ...{ conditions: ['weir-source'], logLevel: 'silent', plugins: [leanPackages] },
  });
}
