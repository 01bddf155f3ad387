import path from 'node:path';
import type { Metafile } from 'esbuild';
import type { ImportInFile } from './find-imports.ts';
import { toPosix } from './paths.ts';
import { foundOutside, type OutsideImport } from './place-imports.ts';

/** An import of a bundled file, and what it resolved to. */
export interface FoundImport extends ImportInFile {
  /** A file of the project, relative to the root; a module that the bundle itself imports; or nothing. */
  readonly found: string;
}

/** A file of the project as it was bundled. */
export interface BundledFile {
  readonly imports: readonly FoundImport[];
  /** Imports that were left as written: unused, or not found where the code handles that. */
  readonly left: readonly ImportInFile[];
  /** Folders that its imports with a pattern search. */
  readonly searched: readonly string[];
}

/** What a build reports of its files, by path relative to the root. */
export interface BundledFiles {
  readonly files: ReadonlyMap<string, BundledFile>;
  /** Every file that an input can reach, used or not: a later edit may use it. */
  reachedFrom(input: string): readonly string[];
}

export function readBundledFiles(
  { inputs }: Metafile,
  { root, outside }: { readonly root: string; readonly outside: readonly OutsideImport[] },
): BundledFiles {
  const files = new Map<string, { imports: FoundImport[]; left: ImportInFile[]; searched: string[] }>();
  const written = new Set(outside.map(({ place }) => place.written));
  for (const [input, { imports }] of Object.entries(inputs)) {
    if (isVirtual(input)) continue;
    const file = withoutQuery(input);
    // The entry of a task, and what others see of its file, are two inputs of one file.
    const known = files.get(file) ?? { imports: [], left: [], searched: [] };
    files.set(file, known);
    for (const { path: found, kind, external, original } of imports) {
      if (external !== true) known.imports.push({ name: original ?? found, kind, found: withoutQuery(found) });
      else if (found.includes('*')) known.searched.push(searchedBy(file, found));
      else if (found.startsWith('.') && !written.has(found)) known.left.push({ name: found, kind });
    }
  }
  for (const { importer, name, kind, place } of outside)
    files.get(toPosix(path.relative(root, importer)))?.imports.push({ name, kind, found: foundOutside(place) });
  return { files, reachedFrom: (input) => reachedFiles(inputs, { input, files }) };
}

function reachedFiles(
  inputs: Metafile['inputs'],
  { input, files }: { readonly input: string; readonly files: BundledFiles['files'] },
): readonly string[] {
  const all = Object.keys(inputs);
  const seen = new Set([input]);
  for (const name of seen) {
    for (const imported of inputs[name]?.imports ?? []) if (imported.external !== true) seen.add(imported.path);
    // esbuild does not report which files a pattern matched; it may match fewer than the folder holds.
    for (const folder of files.get(withoutQuery(name))?.searched ?? [])
      for (const each of all) if (each.startsWith(folder)) seen.add(each);
  }
  return [...new Set([...seen].filter((name) => !isVirtual(name)).map(withoutQuery))].sort();
}

/** The folder, with a trailing slash, in which a pattern such as `./parts/**` starts to search. */
const searchedBy = (file: string, pattern: string): string =>
  `${path.posix.join(path.posix.dirname(file), pattern.slice(0, pattern.lastIndexOf('/', pattern.indexOf('*')) + 1))}`;

/** Inputs that are no files have a name of their own before a colon. */
const isVirtual = (input: string): boolean => /^[a-z-]{2,}:/.test(input);
const withoutQuery = (input: string): string => input.split('?', 1).join();
