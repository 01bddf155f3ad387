import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { EngineError } from '../errors.ts';
import { digestOf, makeFingerprint } from '../key.ts';
import type { Task } from '../task.ts';
import { createBuildMemory, createSurvey, type KnownBuild, type Survey } from './build-memory.ts';
import type { BuiltTask, CodeOptions, TaskSource } from './built-task.ts';
import { type Bundle, bundleTasks } from './bundle.ts';
import { withFirstNames } from './first-names.ts';
import { lockedClosure, type PackageLock, packageOf } from './locked-packages.ts';
import { toNormalForm } from './normal-form.ts';
import { findTaskExports } from './rewrite.ts';

/** Builds the tasks of a project; built again, only what changed costs anything. */
export interface CodeBuilder {
  build(): Promise<readonly BuiltTask[]>;
  close(): Promise<void>;
}

/** What is told of a build; tests and progress listen. */
export interface CodeEffects {
  /** Called with the tasks that are bundled now, before they are; not at all when nothing changed. */
  onBundle(sources: readonly TaskSource[]): void;
}

/**
 * Bundles each task with everything of the project it reaches; packages stay outside and count by their locked versions.
 * What is bundled is bundled in one go, and only if it, or what it reaches, is not what it was the last time.
 */
export async function createCodeBuilder(
  options: CodeOptions,
  { onBundle = () => undefined }: Partial<CodeEffects> = {},
): Promise<CodeBuilder> {
  const { root, files, folder, lock } = options;
  const memory = createBuildMemory(options);
  let known: ReadonlyMap<string, KnownBuild> | undefined;
  const build = async (): Promise<readonly BuiltTask[]> => {
    const sources = await findSources(root, files);
    const survey = createSurvey(root);
    known ??= await memory.recall();
    const builds = new Map<string, KnownBuild>();
    const changed: TaskSource[] = [];
    for (const source of sources) {
      const found = relocated(known.get(nameOf(source)), folder);
      if (found !== undefined && hasSamePackages(found, lock) && (await survey.isSame(found)))
        builds.set(nameOf(source), found);
      else changed.push(source);
    }
    if (changed.length > 0) {
      onBundle(changed);
      await mkdir(folder, { recursive: true });
      const bundles = await bundleTasks(options, changed);
      const made = await Promise.all(bundles.map((bundle) => keepBundle(bundle, { options, survey })));
      for (const each of made) builds.set(nameOf(each.task), each);
    }
    if (changed.length > 0 || builds.size !== known.size) await memory.keep(builds);
    known = builds;
    return sources.flatMap((source) => builds.get(nameOf(source))?.task ?? []);
  };
  return { build, close: async () => undefined };
}

const nameOf = ({ file, exported }: TaskSource): string => `${file}#${exported}`;

/** The project may have moved since. */
function relocated(build: KnownBuild | undefined, folder: string): KnownBuild | undefined {
  if (build === undefined) return undefined;
  return { ...build, task: { ...build.task, path: path.join(folder, path.basename(build.task.path)) } };
}

function hasSamePackages({ task, reached }: KnownBuild, lock: PackageLock | undefined): boolean {
  const now = lockedClosure(lock, reached);
  return now.length === task.packages.length && now.every((each, index) => each === task.packages[index]);
}

async function keepBundle(
  { source, text, imports, inputs }: Bundle,
  { options, survey }: { readonly options: CodeOptions; readonly survey: Survey },
): Promise<KnownBuild> {
  const { root, folder, lock, weirUrl } = options;
  const forms = toNormalForms(text, weirUrl);
  const reached = imports.flatMap((name) => (name === 'weir' || name === weirUrl ? [] : (packageOf(name) ?? [])));
  const packages = lockedClosure(lock, reached);
  const fingerprint = makeFingerprint(forms.hashed, packages);
  // A renamed task shares the fingerprint of its first name, not the file: what runs has the name of today.
  const suffix = forms.renamed === undefined ? '' : `-${digestOf(forms.renamed).slice(0, 16)}`;
  const file = path.join(folder, `${fingerprint}${suffix}.mjs`);
  await writeOnce(file, { text: withSourcePaths(text, { root, folder }), weirUrl });
  const folders = [...new Set(Object.keys(inputs).map((input) => path.dirname(input)))];
  const listings = await Promise.all(folders.map(async (each) => [each, await survey.listing(each)] as const));
  const task = { ...source, fingerprint, path: file, packages };
  return { task, reached, inputs, folders: Object.fromEntries(listings) };
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
