import path from 'node:path';
import type { OnLoadResult, Plugin } from 'esbuild';
import { EngineError } from '../define/errors.ts';
import { type CodeOptions, KEPT, type TaskSource } from './built-task.ts';
import { type BundledFile, readBundledFiles } from './bundled-files.ts';
import { esbuildPackage } from './esbuild-package.ts';
import { maybeScriptLoader, withOwnAddress } from './own-address.ts';
import { toAddress } from './paths.ts';
import {
  createPlacing,
  type OutsideImport,
  type OutsidePlace,
  placeImports,
  RESOLUTION,
  TEXT_LOADERS,
} from './place-imports.ts';
import { rewriteSource } from './rewrite.ts';

/** One task with all project files it reaches, as one text. */
export interface Bundle {
  readonly source: TaskSource;
  readonly text: string;
  /** What it imports from outside. */
  readonly outside: readonly OutsidePlace[];
  /** Files of the project that it could reach, relative to the root. */
  readonly reached: readonly string[];
}

export interface Bundles {
  readonly bundles: readonly Bundle[];
  readonly files: ReadonlyMap<string, BundledFile>;
}

/** Reads each file of the project once, so that one build uses the same bytes everywhere. */
export type ReadFile = (file: string) => Promise<Uint8Array>;

const ENTRY = 'weir-task:';

/** Bundles tasks in one esbuild call; packages stay outside. */
export async function bundleTasks(
  options: CodeOptions,
  { sources, read }: { readonly sources: readonly TaskSource[]; readonly read: ReadFile },
): Promise<Bundles> {
  const { root, folder } = options;
  const outside: OutsideImport[] = [];
  // Loaded on demand: a process that only runs tasks builds nothing.
  const { build } = esbuildPackage();
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(sources.map((source, index) => [index, entryOf(source)])),
    // Sources are named relative to the folder of the bundle.
    outdir: folder,
    plugins: [taskPlugin(options, read), placeImports(createPlacing(options), (found) => void outside.push(found))],
    loader: TEXT_LOADERS,
    ...RESOLUTION,
    ...{ bundle: true, write: false, metafile: true, treeShaking: true, sourcemap: 'inline', sourcesContent: false },
    ...{ format: 'esm', target: 'es2022', charset: 'utf8', legalComments: 'none', logLevel: 'silent' },
    ...{ minifyWhitespace: true, minifySyntax: true, minifyIdentifiers: false },
  });
  const { files, reachedFrom } = readBundledFiles(metafile, { root, outside });
  const places = new Map(outside.map(({ place }) => [place.written, place]));
  const texts = new Map(outputFiles.map((file) => [path.basename(file.path), file.text]));
  const outputs = new Map(Object.entries(metafile.outputs).map(([file, made]) => [path.basename(file), made.imports]));
  const bundles = sources.map((source, index) => {
    const text = texts.get(`${index}.js`);
    const imports = outputs.get(`${index}.js`);
    if (text === undefined || imports === undefined)
      throw new EngineError('code_invalid', `No bundle was made of ${source.exported} in ${source.file}.`);
    const used = imports.flatMap((imported) => places.get(imported.path) ?? []);
    return { source, text, outside: used, reached: reachedFrom(entryOf(source)) };
  });
  return { bundles, files };
}

const entryOf = ({ file, exported }: TaskSource): string => `${ENTRY}${file}${KEPT}${exported}`;

/** An entry is the export of one file, in which that task alone keeps its `run`. */
function taskPlugin({ root, folder }: CodeOptions, read: ReadFile): Plugin {
  return {
    name: 'weir-task',
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /^weir-task:/ }, ({ path: entry }) => ({
        path: entry.slice(ENTRY.length),
        namespace: 'weir-task',
      }));
      onLoad({ filter: /.*/, namespace: 'weir-task' }, ({ path: entry }) => {
        const exported = entry.slice(entry.lastIndexOf(KEPT) + KEPT.length);
        const from = JSON.stringify(`./${entry}`);
        return { contents: `export { ${exported} as default } from ${from}`, resolveDir: root, loader: 'js' };
      });
      onLoad({ filter: /.*/, namespace: 'file' }, async ({ path: file, suffix }) => {
        const contents = await read(file);
        const loader = maybeScriptLoader(file);
        if (loader === undefined) return dataOf(file, contents);
        // Relative, so that the project folder can be moved.
        const url = `new URL(${JSON.stringify(toAddress(path.relative(folder, file)))}, import.meta.url).href`;
        const text = await withOwnAddress({ file, text: Buffer.from(contents).toString() }, url);
        const kept = suffix.startsWith(KEPT) ? { kept: suffix.slice(KEPT.length) } : {};
        return { contents: rewriteSource({ file, text, ...kept }), loader };
      });
    },
  };
}

function dataOf(file: string, contents: Uint8Array): OnLoadResult | undefined {
  if (file.endsWith('.json')) return { contents, loader: 'json' };
  return path.extname(file) in TEXT_LOADERS ? { contents, loader: 'text' } : undefined;
}
