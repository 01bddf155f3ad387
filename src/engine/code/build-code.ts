import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildContext, context, type OutputFile, type Plugin } from 'esbuild';
import { EngineError } from '../errors.ts';
import { digestOf, makeFingerprint } from '../key.ts';
import type { Task } from '../task.ts';
import { withFirstNames } from './first-names.ts';
import { lockedClosure, type PackageLock, packageOf } from './locked-packages.ts';
import { toNormalForm } from './normal-form.ts';
import { findTaskExports, rewriteSource } from './rewrite.ts';

/** Where a task is written. */
export interface TaskSource {
  /** Relative to the root. */
  readonly file: string;
  readonly exported: string;
}

export interface BuiltTask extends TaskSource {
  readonly fingerprint: string;
  /** The module that was hashed and that runs; its default export is the task. */
  readonly path: string;
  /** Packages it reaches, with locked versions. */
  readonly packages: readonly string[];
}

export interface CodeOptions {
  readonly root: string;
  /** Files whose exported tasks are built, relative to the root. */
  readonly files: readonly string[];
  /** Where bundles are kept, each under its fingerprint. */
  readonly folder: string;
  readonly lock?: PackageLock;
  /** What `import … from 'weir'` means in a bundle. */
  readonly weirUrl?: string;
}

/** Builds the tasks of a project; built again, only what changed costs anything. */
export interface CodeBuilder {
  build(): Promise<readonly BuiltTask[]>;
  close(): Promise<void>;
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

/** Bundles each task with everything of the project it reaches; packages stay outside and count by their locked versions. */
export async function createCodeBuilder(options: CodeOptions): Promise<CodeBuilder> {
  const { root, files, folder } = options;
  const normalForms = new Map<string, NormalForms>();
  let sources: readonly TaskSource[] = [];
  let bundler: BuildContext<{ write: false; metafile: true }> | undefined;
  const build = async (): Promise<readonly BuiltTask[]> => {
    const found = await findSources(root, files);
    if (bundler === undefined || JSON.stringify(found) !== JSON.stringify(sources)) {
      await bundler?.dispose();
      sources = found;
      bundler = await createBundler(options, sources);
    }
    const { outputFiles, metafile } = await bundler.rebuild();
    await mkdir(folder, { recursive: true });
    const bundles = new Map(outputFiles.map((file) => [path.basename(file.path), file]));
    const reached = new Map(
      Object.entries(metafile.outputs).map(([file, made]) => [path.basename(file), made.imports]),
    );
    return Promise.all(
      sources.map((source, index) => {
        const output = bundles.get(`${index}.js`);
        const imports = reached.get(`${index}.js`);
        if (output === undefined || imports === undefined)
          throw new EngineError(`No bundle was made of ${source.exported} in ${source.file}.`);
        return keep(source, { output, imports: imports.map((imported) => imported.path) });
      }),
    );
  };
  const keep = async (
    source: TaskSource,
    bundle: { readonly output: OutputFile; readonly imports: readonly string[] },
  ): Promise<BuiltTask> => {
    const { text } = bundle.output;
    const digest = digestOf(text);
    const forms = normalForms.get(digest) ?? toNormalForms(text, options.weirUrl);
    normalForms.set(digest, forms);
    const reached = bundle.imports.flatMap((name) =>
      name === 'weir' || name === options.weirUrl ? [] : (packageOf(name) ?? []),
    );
    const packages = lockedClosure(options.lock, reached);
    const fingerprint = makeFingerprint(forms.hashed, packages);
    // A renamed task shares the fingerprint of its first name, not the file: what runs has the name of today.
    const suffix = forms.renamed === undefined ? '' : `-${digestOf(forms.renamed).slice(0, 16)}`;
    const file = path.join(folder, `${fingerprint}${suffix}.mjs`);
    await writeOnce(file, { text: withSourcePaths(text, { root, folder }), weirUrl: options.weirUrl });
    return { ...source, fingerprint, path: file, packages };
  };
  return { build, close: async () => bundler?.dispose() };
}

interface NormalForms {
  readonly hashed: string;
  /** What runs, when that differs in names of renamed tasks. */
  readonly renamed?: string;
}

function toNormalForms(text: string, weirUrl: string | undefined): NormalForms {
  const renameImport = (name: string): string => (name === weirUrl ? 'weir' : name);
  const first = withFirstNames(text, renameImport);
  const hashed = toNormalForm(first, renameImport);
  return first === text ? { hashed } : { hashed, renamed: toNormalForm(text, renameImport) };
}

async function findSources(root: string, files: readonly string[]): Promise<readonly TaskSource[]> {
  const lists = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(path.join(root, file), 'utf8');
      return findTaskExports({ file, text }).map((exported) => ({ file, exported }));
    }),
  );
  return lists.flat();
}

function createBundler(options: CodeOptions, sources: readonly TaskSource[]) {
  return context({
    absWorkingDir: options.root,
    entryPoints: Object.fromEntries(sources.map(({ file, exported }, index) => [index, `${ENTRY}${file}#${exported}`])),
    // Sources are named relative to where the bundle will lie.
    outdir: options.folder,
    plugins: [taskPlugin(options)],
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
}

/** An entry is the export of one file, in which that task alone keeps its `run`. */
function taskPlugin({ root, folder, weirUrl }: CodeOptions): Plugin {
  return {
    name: 'weir-task',
    setup: (build) => {
      build.onResolve({ filter: /^weir-task:/ }, ({ path: entry }) => ({ path: entry, namespace: 'entry' }));
      build.onLoad({ filter: /.*/, namespace: 'entry' }, ({ path: entry }) => {
        const [file = '', exported = ''] = entry.slice(ENTRY.length).split('#');
        const from = JSON.stringify(`weir-kept:${file}#${exported}`);
        return { contents: `export { ${exported} as default } from ${from}`, resolveDir: root, loader: 'js' };
      });
      build.onResolve({ filter: /^weir-kept:/ }, ({ path: kept }) => ({
        path: kept.slice('weir-kept:'.length),
        namespace: 'kept',
      }));
      build.onLoad({ filter: /.*/, namespace: 'kept' }, async ({ path: kept }) => {
        const [file = '', exported = ''] = kept.split('#');
        const absolute = path.join(root, file);
        return {
          ...(await loadSource({ file: absolute, folder, kept: exported })),
          resolveDir: path.dirname(absolute),
        };
      });
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, ({ path: file }) => loadSource({ file, folder }));
      build.onResolve({ filter: /^[^./]/ }, ({ path: name, kind }) => {
        if (kind === 'entry-point' || /^weir-(task|kept):/.test(name)) return undefined;
        return { path: name === 'weir' ? (weirUrl ?? name) : name, external: true, sideEffects: false };
      });
    },
  };
}

interface SourceFile {
  readonly file: string;
  /** Where the bundle will lie. */
  readonly folder: string;
  readonly kept?: string;
}

async function loadSource({ file, folder, kept }: SourceFile) {
  const text = withOwnAddress(await readFile(file, 'utf8'), path.relative(folder, file));
  const loader = /x$/.test(file) ? ('tsx' as const) : ('ts' as const);
  return { contents: rewriteSource({ file, text, ...(kept === undefined ? {} : { kept }) }), loader };
}

/** A bundled file keeps its own address, so that it may find its data beside itself; relative, so that the project may move. */
const withOwnAddress = (text: string, address: string): string =>
  text.replaceAll('import.meta.url', `new URL(${JSON.stringify(address)}, import.meta.url).href`);

/** Texts that differ in comments only share a fingerprint; the first that was kept stays, unless Weir itself lies elsewhere now. */
async function writeOnce(
  file: string,
  { text, weirUrl = '' }: { readonly text: string; readonly weirUrl: string | undefined },
): Promise<void> {
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined && (kept.includes(weirUrl) || !text.includes(weirUrl))) return;
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, file);
}

const SOURCE_MAP = /(?<=\n\/\/# sourceMappingURL=data:application\/json;base64,)\S+/;

/** The source map of a bundle names the entry by the plugin's own word; a stack trace should name the file. */
function withSourcePaths(text: string, { root, folder }: { readonly root: string; readonly folder: string }): string {
  return text.replace(SOURCE_MAP, (encoded) => {
    // esbuild wrote it.
    const map = JSON.parse(Buffer.from(encoded, 'base64').toString()) as { readonly sources: readonly string[] };
    const sources = map.sources.map((source) => {
      const file = /^kept:(.*)#/.exec(source)?.[1];
      return file === undefined ? source : path.relative(folder, path.join(root, file));
    });
    return Buffer.from(JSON.stringify({ ...map, sources })).toString('base64');
  });
}

/** Loads built tasks, as they were hashed, and says what stands for their code. */
export async function loadBuiltTasks(
  built: readonly BuiltTask[],
): Promise<{ readonly tasks: readonly Task[]; readonly fingerprints: ReadonlyMap<string, string> }> {
  const tasks: Task[] = [];
  const fingerprints = new Map<string, string>();
  for (const { path: file, fingerprint, exported } of built) {
    const module: { readonly default?: Task } = await import(pathToFileURL(file).href);
    if (module.default?.name === undefined) throw new EngineError(`${exported} in ${file} is no task.`);
    tasks.push(module.default);
    fingerprints.set(module.default.name, fingerprint);
  }
  return { tasks, fingerprints };
}
