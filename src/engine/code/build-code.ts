import { mkdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '#store';
import { digestOf, makeFingerprint } from '../define/key.ts';
import { createBuildMemory, type KnownBuild, type Memory } from './build-memory.ts';
import { type BuiltTask, type CodeOptions, type TaskSource, withoutKept } from './built-task.ts';
import { type Bundle, bundleTasks } from './bundle.ts';
import { toNormalForm } from './normal-form.ts';
import { type OutsidePlace, REQUIRE } from './place-imports.ts';
import { findTaskExports, withFirstNames } from './rewrite.ts';
import { createSurvey, type Survey } from './survey.ts';

/** Builds the tasks of a project. A second build only rebuilds what changed. */
export interface CodeBuilder {
  build(): Promise<readonly BuiltTask[]>;
  /** The files of the project that the last build read. */
  files(): readonly string[];
  close(): Promise<void>;
}

/** Events of a build, for tests and progress output. */
export interface CodeEffects {
  /** Called with the tasks that are about to be bundled; not called when nothing changed. */
  onBundle(sources: readonly TaskSource[]): void;
}

/**
 * Bundles each task with all project files it reaches. Packages stay outside and count by their versions. All tasks are
 * bundled in one esbuild call, and only those that changed, or whose files, settings or packages changed, since the
 * last build.
 */
export async function createCodeBuilder(
  given: CodeOptions,
  { onBundle = () => undefined }: Partial<CodeEffects> = {},
): Promise<CodeBuilder> {
  await mkdir(given.folder, { recursive: true });
  // esbuild follows symbolic links, and the paths it reports are compared with these.
  const [root, folder] = await Promise.all([realpath(given.root), realpath(given.folder)]);
  const lock = given.lock && { ...given.lock, folder: await realpath(given.lock.folder ?? root) };
  const options = { ...given, root, folder, ...(lock && { lock }) };
  const memory = createBuildMemory(options);
  let known: Memory | undefined;
  const build = async (): Promise<readonly BuiltTask[]> => {
    const survey = createSurvey(options);
    const sources = await findSources(options);
    known ??= await memory.recall();
    const kept = await findUnchanged(known, { sources, survey, folder });
    const changed = sources.filter((source) => !kept.has(nameOf(source)));
    if (changed.length > 0) onBundle(changed);
    const made = changed.length > 0 ? await bundle(changed, { options, survey }) : { builds: [], files: [] };
    if (changed.length > 0 || kept.size !== known.builds.size) {
      const builds = new Map([...kept, ...made.builds.map((each) => [nameOf(each.task), each] as const)]);
      const reached = new Set([...builds.values()].flatMap((each) => each.reached));
      const files = new Map([...known.files, ...made.files].filter(([file]) => reached.has(file)));
      known = { builds, files };
      await memory.keep(known);
    }
    const { builds } = known;
    return sources.flatMap((source) => builds.get(nameOf(source))?.task ?? []);
  };
  const files = (): readonly string[] => [...(known?.files.keys() ?? [])].map((file) => path.join(root, file));
  return { build, files, close: async () => undefined };
}

const nameOf = ({ file, exported }: TaskSource): string => `${file}#${exported}`;

/** Builds that are still valid, by source. */
async function findUnchanged(
  { builds, files }: Memory,
  now: { readonly sources: readonly TaskSource[]; readonly survey: Survey; readonly folder: string },
): Promise<ReadonlyMap<string, KnownBuild>> {
  const { sources, survey, folder } = now;
  const candidates = sources.flatMap((source) => relocated(builds.get(nameOf(source)), folder) ?? []);
  const reached = new Set(candidates.flatMap((each) => each.reached));
  const unchanged = await survey.unchanged(new Map([...files].filter(([file]) => reached.has(file))));
  const kept = new Map<string, KnownBuild>();
  for (const each of candidates) {
    const { task, entry, imported } = each;
    if (!each.reached.every((file) => unchanged.has(file))) continue;
    if ((await survey.realFile(task.file)) !== entry || !(await survey.isThere(task.path))) continue;
    if (JSON.stringify(await survey.closure(imported)) !== JSON.stringify(task.packages)) continue;
    kept.set(nameOf(task), each);
  }
  return kept;
}

/** The project folder may have moved since. */
function relocated(build: KnownBuild | undefined, folder: string): KnownBuild | undefined {
  if (build === undefined) return undefined;
  return { ...build, task: { ...build.task, path: path.join(folder, path.basename(build.task.path)) } };
}

interface Making {
  readonly options: CodeOptions;
  readonly survey: Survey;
}

async function bundle(sources: readonly TaskSource[], { options, survey }: Making) {
  const { bundles, files } = await bundleTasks(options, { sources, read: survey.read });
  const builds = await Promise.all(bundles.map((each) => keepBundle(each, { options, survey })));
  return { builds, files: await survey.describe(files) };
}

async function keepBundle(
  { source, text, outside, reached }: Bundle,
  { options, survey }: Making,
): Promise<KnownBuild> {
  const { root, folder } = options;
  const forms = toNormalForms(text, outside);
  const imported = outside.flatMap(({ package: each }) =>
    each === undefined ? [] : [{ name: each.name, from: path.relative(root, each.from) }],
  );
  const packages = await survey.closure(imported);
  const fingerprint = makeFingerprint(forms.hashed, packages);
  // A renamed task shares the fingerprint of its first name, but not the file: the code that runs has its current name.
  const suffix = forms.renamed === undefined ? '' : `-${digestOf(forms.renamed).slice(0, 16)}`;
  const file = path.join(folder, `${fingerprint}${suffix}.mjs`);
  await writeChanged(file, toModule(text));
  const entry = (await survey.realFile(source.file)) ?? source.file;
  return { task: { ...source, fingerprint, path: file, packages }, entry, reached, imported };
}

interface NormalForms {
  readonly hashed: string;
  /** The code that runs, when it differs by the names of renamed tasks. */
  readonly renamed?: string;
}

function toNormalForms(text: string, outside: readonly OutsidePlace[]): NormalForms {
  const identities = new Map(outside.map(({ written, identity }) => [written, identity]));
  const renameImport = (name: string): string => identities.get(name) ?? name;
  const first = withFirstNames(text, renameImport);
  const hashed = toNormalForm(first, renameImport);
  return first === text ? { hashed } : { hashed, renamed: toNormalForm(text, renameImport) };
}

async function findSources({ root, files }: CodeOptions): Promise<readonly TaskSource[]> {
  const lists = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(path.join(root, file), 'utf8');
      return findTaskExports({ file, text }).map((exported) => ({ file, exported }));
    }),
  );
  return lists.flat();
}

/**
 * Texts that differ only in comments share a fingerprint. The newest is kept, because its line numbers match the
 * sources.
 */
async function writeChanged(file: string, text: string): Promise<void> {
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== text) await writeFileAtomically(file, text);
}

const SOURCE_MAP = /(?<=\n\/\/# sourceMappingURL=data:application\/json;base64,)\S+/;

/** The name that esbuild uses for `require` in modules that contain bundled CommonJS. */
const REQUIRES = /\b__require=/;

/** A bundle as it runs: with `require` where it is needed, and a source map that names the task's own file. */
function toModule(text: string): string {
  const needsRequire = REQUIRES.test(text);
  const module = text.replace(SOURCE_MAP, (encoded) => {
    // esbuild wrote it.
    const map = JSON.parse(Buffer.from(encoded, 'base64').toString()) as SourceMap;
    const sources = map.sources.map(withoutKept);
    // One more line before all others.
    const mappings = needsRequire ? `;${map.mappings}` : map.mappings;
    return Buffer.from(JSON.stringify({ ...map, sources, mappings })).toString('base64');
  });
  return needsRequire ? `${REQUIRE}\n${module}` : module;
}

interface SourceMap {
  readonly sources: readonly string[];
  readonly mappings: string;
}
