import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const bundled = new Map<string, string>();

/**
 * The file to start a process or a thread of plain Node with, for a program that lies beside the module at `address`
 * (its `import.meta.url`): the built file or, when run from source, one that is bundled once for this process.
 */
export function programFile(name: string, address: string): string {
  if (!address.endsWith('.ts')) return fileURLToPath(new URL(`./${name}.js`, address));
  const source = fileURLToPath(new URL(`./${name}.ts`, address));
  let file = bundled.get(source);
  if (file === undefined) {
    file = bundle(source);
    bundled.set(source, file);
  }
  return file;
}

// A TypeScript loader would take a second of processor time at each start.
function bundle(source: string): string {
  const { buildSync }: typeof import('esbuild') = createRequire(import.meta.url)('esbuild');
  const { name, dir } = path.parse(source);
  const { outputFiles } = buildSync({
    ...{ entryPoints: [source], bundle: true, write: false, absWorkingDir: path.dirname(source) },
    ...{ packages: 'external', conditions: ['weir-source'], format: 'esm', platform: 'node', target: 'node20' },
    logLevel: 'silent',
  });
  const [built] = outputFiles;
  if (built === undefined) throw new Error(`Expected the program ${name} to be bundled.`);
  // A folder from which packages resolve. Named by its content, so that many processes can share it, and later ones
  // reuse it.
  const folder = fileURLToPath(new URL(`../../node_modules/.cache/weir/${path.basename(dir)}`, import.meta.url));
  const file = path.join(folder, `${name}.${built.hash.replaceAll('/', '-')}.mjs`);
  const draft = `${file}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  // Synchronous, unlike `writeFileAtomically`, because it is needed before the program can be started, and only when run
  // from source.
  writeFileSync(draft, built.contents);
  renameSync(draft, file);
  return file;
}
