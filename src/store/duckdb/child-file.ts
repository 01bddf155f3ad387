import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The program of the child for plain Node: the built file or, when run from source, one that is bundled once for this
 * process.
 */
export function childFile(): string {
  if (!import.meta.url.endsWith('.ts')) return fileURLToPath(new URL('./child.js', import.meta.url));
  bundled ??= bundle();
  return bundled;
}

let bundled: string | undefined;

// A TypeScript loader would take a second of processor time at each start.
function bundle(): string {
  const { buildSync }: typeof import('esbuild') = createRequire(import.meta.url)('esbuild');
  const source = fileURLToPath(new URL('./child.ts', import.meta.url));
  const { outputFiles } = buildSync({
    ...{ entryPoints: [source], bundle: true, write: false, absWorkingDir: path.dirname(source) },
    ...{ packages: 'external', format: 'esm', platform: 'node', target: 'node20', logLevel: 'silent' },
  });
  const [built] = outputFiles;
  if (built === undefined) throw new Error('Expected the program of the DuckDB child to be bundled.');
  // A folder from which packages resolve. Named by its content, so that many processes can share it, and later ones
  // reuse it.
  const folder = fileURLToPath(new URL('../../../node_modules/.cache/weir/duckdb', import.meta.url));
  const file = path.join(folder, `child.${built.hash.replaceAll('/', '-')}.mjs`);
  const draft = `${file}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  // Synchronous, unlike `writeFileAtomically`, because it is needed before the child can be started, and only when run
  // from source.
  writeFileSync(draft, built.contents);
  renameSync(draft, file);
  return file;
}
