import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { EngineError } from '../errors.ts';
import { digestOf } from '../key.ts';
import type { CodeOptions, TaskSource } from './built-task.ts';
import { isLinked, packageOf } from './locked-packages.ts';
import { rewriteSource } from './rewrite.ts';

/** One task with everything of the project it reaches, as one text. */
export interface Bundle {
  readonly source: TaskSource;
  readonly text: string;
  /** What it imports from outside. */
  readonly imports: readonly string[];
  /** Files of the project it could reach, relative to the root, with digests of what was read of them. */
  readonly inputs: { readonly [file: string]: string };
}

/** Files that are imported as text, and so are part of the code. */
export const TEXT_LOADERS = {
  '.sql': 'text',
  '.yaml': 'text',
  '.yml': 'text',
  '.txt': 'text',
  '.csv': 'text',
  '.md': 'text',
} as const;
const ENTRY = 'weir-task:';

/** Bundles tasks in one go; packages stay outside. */
export async function bundleTasks(options: CodeOptions, sources: readonly TaskSource[]): Promise<readonly Bundle[]> {
  const read = new Map<string, string>();
  const { outputFiles, metafile } = await build({
    absWorkingDir: options.root,
    entryPoints: Object.fromEntries(sources.map((source, index) => [index, entryOf(source)])),
    // Sources are named relative to where the bundle will lie.
    outdir: options.folder,
    plugins: [taskPlugin(options, read)],
    loader: TEXT_LOADERS,
    ...{ bundle: true, write: false, metafile: true, treeShaking: true, sourcemap: 'inline', sourcesContent: false },
    ...{
      format: 'esm',
      platform: 'node',
      target: 'es2022',
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'silent',
    },
    ...{ minifyWhitespace: true, minifySyntax: true, minifyIdentifiers: false },
    // What the project's own tsconfig says of targets must not change what a task is.
    tsconfigRaw: { compilerOptions: { target: 'ES2022', useDefineForClassFields: true } },
  });
  const texts = new Map(outputFiles.map((file) => [path.basename(file.path), file.text]));
  const outputs = new Map(Object.entries(metafile.outputs).map(([file, made]) => [path.basename(file), made.imports]));
  return sources.map((source, index) => {
    const text = texts.get(`${index}.js`);
    const imports = outputs.get(`${index}.js`);
    if (text === undefined || imports === undefined)
      throw new EngineError(`No bundle was made of ${source.exported} in ${source.file}.`);
    const files = reachedFiles(metafile, `entry:${entryOf(source)}`);
    const inputs = Object.fromEntries(files.map((file) => [file, read.get(path.join(options.root, file)) ?? '']));
    return { source, text, imports: imports.map((imported) => imported.path), inputs };
  });
}

const entryOf = ({ file, exported }: TaskSource): string => `${ENTRY}${file}#${exported}`;

/** Everything an entry could reach, used or not: an edit of what is unused today may make it used. */
function reachedFiles(metafile: Metafile, entry: string): readonly string[] {
  const seen = new Set([entry]);
  for (const name of seen)
    for (const imported of metafile.inputs[name]?.imports ?? [])
      if (imported.external !== true) seen.add(imported.path);
  const files = [...seen].flatMap((name) => {
    if (name.startsWith('entry:')) return [];
    return /^kept:(.*)#/.exec(name)?.[1] ?? name;
  });
  return [...new Set(files)].sort();
}

/** An entry is the export of one file, in which that task alone keeps its `run`. */
function taskPlugin({ root, folder, weirUrl, lock }: CodeOptions, read: Map<string, string>): Plugin {
  const load = async (file: string, kept?: string) => {
    const bytes = await readFile(file);
    read.set(file, digestOf(bytes));
    const loader = loaderOf(file);
    if (loader !== 'ts' && loader !== 'tsx') return loader === undefined ? undefined : { contents: bytes, loader };
    const text = withOwnAddress(bytes.toString(), path.relative(folder, file));
    return { contents: rewriteSource({ file, text, ...(kept === undefined ? {} : { kept }) }), loader };
  };
  return {
    name: 'weir-task',
    setup: (builder) => {
      builder.onResolve({ filter: /^weir-task:/ }, ({ path: entry }) => ({ path: entry, namespace: 'entry' }));
      builder.onLoad({ filter: /.*/, namespace: 'entry' }, ({ path: entry }) => {
        const [file = '', exported = ''] = entry.slice(ENTRY.length).split('#');
        const from = JSON.stringify(`weir-kept:${file}#${exported}`);
        return { contents: `export { ${exported} as default } from ${from}`, resolveDir: root, loader: 'js' };
      });
      builder.onResolve({ filter: /^weir-kept:/ }, ({ path: kept }) => ({
        path: kept.slice('weir-kept:'.length),
        namespace: 'kept',
      }));
      builder.onLoad({ filter: /.*/, namespace: 'kept' }, async ({ path: kept }) => {
        const [file = '', exported = ''] = kept.split('#');
        const absolute = path.join(root, file);
        return { ...(await load(absolute, exported)), resolveDir: path.dirname(absolute) };
      });
      builder.onLoad({ filter: /.*/, namespace: 'file' }, ({ path: file }) => load(file));
      // What begins with # is the project's own word for a file of its own.
      builder.onResolve({ filter: /^[^./#]/ }, ({ path: name, kind }) => {
        if (kind === 'entry-point' || /^weir-(task|kept):/.test(name)) return undefined;
        // A linked package has no version that would say what is in it: its files are part of the code.
        if (isLinked(lock, packageOf(name))) return undefined;
        return { path: name === 'weir' ? (weirUrl ?? name) : name, external: true, sideEffects: false };
      });
    },
  };
}

function loaderOf(file: string) {
  if (/\.[cm]?[jt]sx?$/.test(file)) return /x$/.test(file) ? ('tsx' as const) : ('ts' as const);
  if (file.endsWith('.json')) return 'json' as const;
  return path.extname(file) in TEXT_LOADERS ? ('text' as const) : undefined;
}

/** A bundled file keeps its own address, so that it may find its data beside itself; relative, so that the project may move. */
const withOwnAddress = (text: string, address: string): string =>
  text.replaceAll('import.meta.url', `new URL(${JSON.stringify(address)}, import.meta.url).href`);
