import path from 'node:path';
import { groupBy } from '../define/group-by.ts';
import type { CodeOptions } from './built-task.ts';
import { esbuildPackage } from './esbuild-package.ts';
import { toPosix } from './paths.ts';
import { createPlacing, foundOutside, type ImportName, isRelative, RESOLUTION } from './place-imports.ts';

/** An import as written in some file. */
export type ImportInFile = Omit<ImportName, 'from'>;

/** What an import of a file resolves to: a file, relative to the root; the name of an outside module; or nothing. */
export type FindImport = (file: string, asked: ImportInFile) => string;

/** Resolves imports of files, given by path relative to the root, against the project as it is now. */
export async function findImports(
  options: CodeOptions,
  files: ReadonlyMap<string, readonly ImportInFile[]>,
): Promise<FindImport> {
  const { root } = options;
  const place = createPlacing(options);
  const toName = (file: string, { name, kind }: ImportInFile): ImportName => ({
    ...{ name, kind, from: path.dirname(path.join(root, file)) },
  });
  const asked = new Map<string, ImportName>();
  for (const [file, imports] of files)
    for (const name of imports.map((each) => toName(file, each))) asked.set(JSON.stringify(name), name);
  const answers = await findFiles(root, [...asked.values()]);
  const found = new Map<string, string>();
  for (const [index, [key, name]] of [...asked].entries()) {
    const file = answers[index];
    const placed = isRelative(name.name) ? undefined : await place(name, file);
    if (placed?.kind === 'outside') found.set(key, foundOutside(placed));
    else if (file !== undefined) found.set(key, toPosix(path.relative(root, file)));
  }
  return (file, each) => found.get(JSON.stringify(toName(file, each))) ?? '';
}

const QUESTIONS = 'weir-questions';

/**
 * What esbuild resolves imports to, in their order; undefined for what it leaves outside or does not find. All are
 * resolved in one build that reads none of the files, with one module of nothing but imports in each folder, because
 * resolving each by itself would cost a millisecond.
 */
async function findFiles(root: string, imports: readonly ImportName[]): Promise<readonly (string | undefined)[]> {
  const folders = [...groupBy(imports, ({ from }) => from)];
  if (folders.length === 0) return [];
  const { build } = esbuildPackage();
  const { metafile } = await build({
    ...{ ...RESOLUTION, absWorkingDir: root, bundle: true, format: 'esm', metafile: true, write: false },
    ...{ outdir: root, logLevel: 'silent', treeShaking: false },
    entryPoints: folders.map((_, index) => `${QUESTIONS}:${index}`),
    plugins: [
      {
        name: QUESTIONS,
        setup: ({ onResolve, onLoad }) => {
          onResolve({ filter: /^weir-questions:/ }, ({ path: entry }) => {
            return { path: entry.slice(QUESTIONS.length + 1), namespace: QUESTIONS };
          });
          onLoad({ filter: /.*/, namespace: QUESTIONS }, ({ path: index }) => {
            const [from, asked] = folders[Number(index)] ?? ['', []];
            return { contents: asked.map(toStatement).join('\n'), resolveDir: from, loader: 'js' };
          });
          onLoad({ filter: /.*/ }, () => ({ contents: '', loader: 'js' }));
        },
      },
    ],
  });
  const found = new Map<string, string>();
  for (const [index, [from]] of folders.entries())
    for (const { path: file, kind, external, original } of metafile.inputs[`${QUESTIONS}:${index}`]?.imports ?? [])
      if (external !== true) found.set(keyOf({ name: original ?? file, kind, from }), path.resolve(root, file));
  return imports.map((each) => found.get(keyOf(each)));
}

/** Each in a form that esbuild ignores when it finds nothing. */
function toStatement({ name, kind }: ImportName): string {
  const text = JSON.stringify(name);
  if (kind === 'require-call') return `try { require(${text}) } catch {}`;
  if (kind === 'require-resolve') return `try { require.resolve(${text}) } catch {}`;
  return `import(${text}).catch(() => {});`;
}

/** Static and dynamic imports resolve alike; `require` may resolve to another file. */
const keyOf = ({ name, kind, from }: ImportName): string => JSON.stringify([name, kind.startsWith('require'), from]);
