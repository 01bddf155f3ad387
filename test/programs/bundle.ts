import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** Packages of hundreds of files that nearly every program loads: one file of them all is read in half the time. */
const INSIDE: ReadonlySet<string> = new Set(['croner', 'pg', 'pg-copy-streams', 'zod']);
/** Asked for by `pg` when it is there, which it is not. */
const ABSENT = 'pg-native';

/** Doors lead to source; packages that stay outside and that nobody uses are not even loaded. */
export const leanPackages = (inside: ReadonlySet<string>): Plugin => ({
  name: 'lean-packages',
  setup: (build) => {
    build.onResolve({ filter: /^#/ }, ({ path: door }) => ({
      path: path.join(REPOSITORY, 'src', door.slice(1), 'index.ts'),
      sideEffects: false,
    }));
    build.onResolve({ filter: /^[a-z@]/ }, ({ path: name, kind, importer }) => {
      const isInside = inside.has(name) || importer.includes('/node_modules/');
      return kind === 'entry-point' || (isInside && name !== ABSENT)
        ? undefined
        : { path: name, external: true, sideEffects: false };
    });
  },
});

// A package that is not a module asks for what Node brings by `require`.
const REQUIRE = `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`;
// As newer versions of Node have it; where there is none, `pg` loads all of `fetch` to learn where it runs.
const NAVIGATOR = JSON.stringify({ userAgent: 'Node.js' });

/**
 * Bundles programs into `folder`, which must lie where packages are found: each is a plain file of its name, and what
 * several of them load is written once. Programs whose packages find each other by themselves need all of them outside.
 */
export async function bundlePrograms(
  programs: Readonly<Record<string, URL>>,
  { folder, packages }: { readonly folder: string; readonly packages: 'inside' | 'outside' },
): Promise<void> {
  const isInside = packages === 'inside';
  await build({
    entryPoints: Object.entries(programs).map(([out, source]) => ({ in: fileURLToPath(source), out })),
    ...{ absWorkingDir: REPOSITORY, outdir: folder, bundle: true, splitting: true, format: 'esm', platform: 'node' },
    ...{
      minifyWhitespace: true,
      target: 'node20',
      outExtension: { '.js': '.mjs' },
      conditions: ['weir-source'],
      logLevel: 'silent',
    },
    plugins: [leanPackages(isInside ? INSIDE : new Set())],
    ...(isInside ? { banner: { js: REQUIRE }, define: { navigator: NAVIGATOR } } : {}),
  });
}
