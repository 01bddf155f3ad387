import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The program of the child that plain Node can run: as it was built or, run from source, bundled once for this process. */
export function childFile(): string {
  if (!import.meta.url.endsWith('.ts')) return fileURLToPath(new URL('./child.js', import.meta.url));
  bundled ??= bundle();
  return bundled;
}

let bundled: string | undefined;

// A loader of TypeScript would take a second of processor time at each start.
function bundle(): string {
  const { buildSync }: typeof import('esbuild') = createRequire(import.meta.url)('esbuild');
  const source = fileURLToPath(new URL('./child.ts', import.meta.url));
  const { outputFiles } = buildSync({
    ...{ entryPoints: [source], bundle: true, write: false, absWorkingDir: path.dirname(source) },
    ...{ packages: 'external', format: 'esm', platform: 'node', target: 'node20', logLevel: 'silent' },
  });
  const [built] = outputFiles;
  if (built === undefined) throw new Error('Expected the program of the DuckDB child to be bundled.');
  // Where packages are found. By its content: many processes may want it at once, and next time it is there.
  const folder = fileURLToPath(new URL('../../../node_modules/.cache/weir/duckdb', import.meta.url));
  const file = path.join(folder, `child.${built.hash.replaceAll('/', '-')}.mjs`);
  const draft = `${file}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  // Synchronous, unlike `writeFileAtomically`: it is needed before the child can be started, and only when run from source.
  writeFileSync(draft, built.contents);
  renameSync(draft, file);
  return file;
}
