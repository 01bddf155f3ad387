import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { type BuiltTask, noteCodeBundle } from '#engine';
import { type ArtifactDriver, type Database, writeFileAtomically } from '#store';
import { UsageError } from '../project/errors.ts';
import { weirUrl } from '../project/load-project.ts';
import type { ProjectPaths } from '../project/paths.ts';
import type { WorkerStart } from './worker-start.ts';

/** The built code of a project as one artifact, with the addresses that the machine which built it wrote into it. */
interface CodeBundle {
  readonly weirUrl: string;
  readonly projectUrl: string;
  readonly module: string;
  readonly tasks: readonly (Omit<BuiltTask, 'path'> & { readonly text: string })[];
}

type BuiltFiles = Pick<WorkerStart, 'projectModule' | 'codeIndex'>;

const folderUrl = (folder: string): string => pathToFileURL(`${folder}${path.sep}`).href;

/** Stores the code that the processes of tasks run, and returns the digest by which workers fetch it. */
export async function storeCode(
  { projectModule, codeIndex }: BuiltFiles,
  store: { readonly database: Database; readonly artifacts: ArtifactDriver; readonly paths: ProjectPaths },
): Promise<string> {
  // Of the same part.
  const built = JSON.parse(await readFile(codeIndex, 'utf8')) as readonly BuiltTask[];
  const bundle: CodeBundle = {
    weirUrl,
    projectUrl: folderUrl(store.paths.project),
    module: await readFile(projectModule, 'utf8'),
    tasks: await Promise.all(
      built.map(async ({ path: file, ...task }) => ({ ...task, text: await readFile(file, 'utf8') })),
    ),
  };
  const { digest } = await store.artifacts.put(Buffer.from(JSON.stringify(bundle)));
  await noteCodeBundle(store.database, digest);
  return digest;
}

interface CodeStore {
  readonly artifacts: ArtifactDriver;
  readonly paths: ProjectPaths;
}

/** A worker that does not share the artifacts of its servers would take every task run, and fail it at once. */
export async function assertCodeThere(digest: string, { artifacts, paths }: CodeStore): Promise<void> {
  if ((await artifacts.stat(digest)) !== undefined) return;
  // Only a bucket has addresses.
  const seen = artifacts.addressOf?.(digest).slice(0, -digest.length) ?? paths.artifacts;
  throw new UsageError(
    'artifacts_unshared',
    `Expected the code of the project that a server on this database uses among the artifacts of this worker, in ${seen}, and it is not there. Servers and workers share their artifacts: by a bucket (artifacts: s3://<bucket>/<prefix>), or by one folder that is mounted at that place on each machine.`,
  );
}

/** Fetches code that a server stored, and lays it out in a folder as the processes of tasks load it. */
export async function fetchCode(
  digest: string,
  { artifacts, paths, folder }: CodeStore & { readonly folder: string },
): Promise<BuiltFiles> {
  await assertCodeThere(digest, { artifacts, paths });
  // Stored above, under its digest.
  const bundle = JSON.parse(await text(await artifacts.read(digest))) as CodeBundle;
  const here = (code: string): string =>
    code.replaceAll(bundle.weirUrl, weirUrl).replaceAll(bundle.projectUrl, folderUrl(paths.project));
  const at = (name: string): string => path.join(folder, name);
  const tasks: BuiltTask[] = [];
  for (const [place, { text: code, ...task }] of bundle.tasks.entries()) {
    const file = at(`${place}.mjs`);
    await writeFileAtomically(file, here(code));
    tasks.push({ ...task, path: file });
  }
  const files = { projectModule: at('project.mjs'), codeIndex: at('index.json') };
  await writeFileAtomically(files.projectModule, here(bundle.module));
  await writeFileAtomically(files.codeIndex, JSON.stringify(tasks));
  return files;
}
