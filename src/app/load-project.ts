import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildFailure, build, type Plugin } from 'esbuild';
import type { Project } from '#pipelines';
import { UsageError } from './errors.ts';
import { describeWithPlace } from './explain.ts';

const isSource = import.meta.url.endsWith('.ts');

/** `import … from 'weir'` in a project means this very process's Weir, not a second copy. */
const weirItself: Plugin = {
  name: 'weir-itself',
  setup({ onResolve, onLoad }) {
    const library = new URL(`./library.${isSource ? 'ts' : 'js'}`, import.meta.url).href;
    onResolve({ filter: /^weir$/ }, () => ({ path: library, external: true }));
    // Bundled files keep their own address, so that a project may find its data beside itself.
    onLoad({ filter: /\.[cm]?ts$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8');
      if (!source.includes('import.meta.url')) return undefined;
      return { contents: source.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(file).href)), loader: 'ts' };
    });
  },
};

/**
 * Builds and loads `project.ts`. The build is kept under its content's digest in the state folder, with an inline source map.
 * Throws a UsageError when there is none, when it does not build, or when its default export is no project.
 */
export async function loadProject(projectFolder: string, stateFolder: string): Promise<Project> {
  const entry = await findProjectFile(projectFolder);
  const loaded = await loadModule(entry, stateFolder);
  if (!isProject(loaded.default)) {
    throw new UsageError(
      `Expected ${entry} to say "export default defineProject({…})"; its default export is ${nameKind(loaded.default)}.`,
    );
  }
  return loaded.default;
}

/**
 * Builds a TypeScript module and what it imports relatively, loads it, and gives what it exports. The build stays in
 * `stateFolder`. Throws a UsageError when it does not build or cannot be loaded.
 */
export async function loadModule(entry: string, stateFolder: string): Promise<Readonly<Record<string, unknown>>> {
  const code = await bundle(entry, stateFolder);
  const folder = path.join(stateFolder, 'build');
  const file = path.join(folder, `${createHash('sha256').update(code).digest('hex').slice(0, 20)}.mjs`);
  await mkdir(folder, { recursive: true });
  await writeFile(`${file}.${process.pid}`, code);
  await rename(`${file}.${process.pid}`, file);
  return importBuilt(file, entry);
}

/** Path of the folder's `project.ts`; a UsageError says when the folder or the file is not there. */
export async function findProjectFile(projectFolder: string): Promise<string> {
  const folder = await stat(projectFolder).catch(() => undefined);
  if (!folder?.isDirectory())
    throw new UsageError(
      `Expected the project's folder at ${projectFolder}, and there is none. Name it with --project.`,
    );
  const entry = path.join(projectFolder, 'project.ts');
  const file = await stat(entry).catch(() => undefined);
  if (file?.isFile()) return entry;
  throw new UsageError(
    `Expected a project file at ${entry}, and there is none. Name the project's folder with --project.`,
  );
}

async function importBuilt(file: string, entry: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    throw new UsageError(`${entry} could not be loaded: ${describeWithPlace(error, path.dirname(entry))}`, {
      cause: error,
    });
  }
}

const nameKind = (value: unknown): string =>
  value === undefined
    ? 'missing'
    : value === null
      ? 'null'
      : `${typeof value === 'object' ? 'another' : 'a'} ${typeof value}`;

async function bundle(entry: string, stateFolder: string): Promise<Uint8Array> {
  try {
    const { outputFiles } = await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      outdir: path.join(stateFolder, 'build'),
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: 'inline',
      packages: 'external',
      plugins: [weirItself],
      logLevel: 'silent',
    });
    const [output] = outputFiles;
    if (output === undefined) throw new Error(`esbuild gave no output for ${entry}`);
    return output.contents;
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    const lines = error.errors.map(
      ({ text, location }) => `${path.resolve(location?.file ?? entry)}:${location?.line ?? 0}: ${text}`,
    );
    throw new UsageError(`${entry} does not build:\n  ${lines.join('\n  ')}`, { cause: error });
  }
}

const isBuildFailure = (error: unknown): error is BuildFailure => error instanceof Error && 'errors' in error;

const isProject = (value: unknown): value is Project =>
  typeof value === 'object' && value !== null && 'contract' in value && 'estimator' in value && 'training' in value;
