import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../../../project/errors.ts';
import type { Deployment, WorkerGroup } from './deployment.ts';

export interface DeploymentOf {
  readonly name: string;
  readonly title: string;
  readonly projectFolder: string;
  /** Folder of the files; that of the package.json unless given. */
  readonly into: string | undefined;
  readonly image: string;
  readonly workers: readonly WorkerGroup[];
}

interface Package {
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Weir works without it on one machine, so it is not among its own dependencies. */
const S3_PACKAGE = '@aws-sdk/client-s3';

/** Where a release goes first, and last; environments of other names come between, in the order of their names. */
const FIRST = ['dev', 'test'];
const LAST = ['preprod', 'staging', 'prod', 'production'];

/** Looks at the folder that the image is built from, and says what is missing in it. */
export async function readDeployment(options: DeploymentOf): Promise<{ deployment: Deployment; into: string }> {
  const { name, title, projectFolder, workers } = options;
  const root = await findPackage(projectFolder);
  const { name: packageName, dependencies = {} } = JSON.parse(
    await readFile(path.join(root, 'package.json'), 'utf8'),
  ) as Package;
  const isInClone = packageName === 'weir';
  if (!isInClone) await assertInstallable(root, dependencies);
  const into = path.resolve(options.into ?? root);
  const deployment: Deployment = {
    ...{ name, title, isInClone, workers },
    image: options.image.replace('<project>', name),
    projectPath: slashed(path.relative(root, projectFolder)),
    contextPath: slashed(path.relative(into, root)),
    deployPath: slashed(path.relative(root, into)),
    packageFiles: await packageFiles(root, dependencies),
    environments: await environmentsOf(projectFolder),
  };
  return { deployment, into };
}

/** The nearest folder with a package.json, from the project upwards. */
async function findPackage(projectFolder: string): Promise<string> {
  for (let at = projectFolder; ; at = path.dirname(at)) {
    if (await exists(path.join(at, 'package.json'))) return at;
    if (at === path.dirname(at))
      throw unfit('there is no package.json in the folder of the project or above it. Run "npm init" and install weir');
  }
}

async function assertInstallable(root: string, { weir, ...others }: Readonly<Record<string, string>>): Promise<void> {
  const file = path.join(root, 'package.json');
  if (weir === undefined) throw unfit(`the dependencies of ${file} lack "weir". Install it there`);
  const isOutside = weir.startsWith('file:') && path.relative(root, path.resolve(root, weir.slice(5))).startsWith('..');
  if (isOutside)
    throw unfit(
      `the dependency "weir" of ${file} comes from outside of its folder (${weir}), which an image is built without. Run "npm pack" in the clone of Weir, put the package into a folder "vendor" beside package.json, and install it: npm install ./vendor/weir-<version>.tgz`,
    );
  if (others[S3_PACKAGE] === undefined)
    throw unfit(
      `${file} has no ${S3_PACKAGE} in its dependencies: servers and workers share their artifacts by a bucket. Run "npm install ${S3_PACKAGE}"`,
    );
  if (!(await exists(path.join(root, 'package-lock.json'))))
    throw unfit(`there is no package-lock.json beside ${file}. Run "npm install", and commit what it writes`);
}

const unfit = (problem: string): UsageError =>
  new UsageError('deployment_unfit', `No image can be built of the project: ${problem}.`);

/** Packages that are files of the repository, and npm's settings. */
async function packageFiles(root: string, dependencies: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const files = Object.values(dependencies)
    .filter((from) => from.startsWith('file:') && from.endsWith('.tgz'))
    .map((from) => slashed(path.relative(root, path.resolve(root, from.slice('file:'.length)))));
  return [...((await exists(path.join(root, '.npmrc'))) ? ['.npmrc'] : []), ...files];
}

async function environmentsOf(projectFolder: string): Promise<readonly string[]> {
  const names = (await readdir(path.join(projectFolder, 'config')).catch(() => []))
    .map((file) => path.parse(file))
    .filter(({ ext, name }) => ext === '.yaml' && name !== 'base')
    .map(({ name }) => name)
    .sort();
  if (names.length === 0) return ['dev', 'preprod', 'prod'];
  const known = [...FIRST, ...LAST];
  const middle = names.filter((name) => !known.includes(name));
  return [...FIRST.filter((name) => names.includes(name)), ...middle, ...LAST.filter((name) => names.includes(name))];
}

const exists = async (file: string): Promise<boolean> => (await stat(file).catch(() => undefined)) !== undefined;
const slashed = (file: string): string => file.split(path.sep).join('/') || '.';
