import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { cleanEnvironment } from './weir-process.ts';

const run = promisify(execFile);
/** No registry, whatever is asked: a test that needs one fails where there is none. */
export const NPM = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts'] as const;
/** What Weir leaves behind where it ran. */
const LEFT = ['.weir/server.json', 'raw-data/people.csv', 'good-data/people.csv', 'bad-data/people.csv'];

/** The package as `npm pack` makes it of a clone in which Weir ran, and a folder to use it in. */
export interface PackedWeir {
  /** Folder for whatever a test creates; it goes at the end. */
  readonly root: string;
  readonly clone: string;
  /** What the package holds. */
  readonly files: readonly string[];
  /** Unpacks it where npm would install it, and resolves to its program. */
  install(folder: string): Promise<string>;
  remove(): Promise<void>;
}

export async function packWeir(): Promise<PackedWeir> {
  const root = await mkdtemp(path.join(tmpdir(), 'weir-package-'));
  const clone = path.join(root, 'clone');
  for (const part of ['package.json', 'README.md', 'LICENSE', 'bin', 'dist', 'database', 'docs', 'examples'])
    await cp(part, path.join(clone, part), { recursive: true });
  // What the packages of the clone are to Node, and of what is unpacked below this folder.
  for (const folder of [clone, root]) await symlink(path.resolve('node_modules'), path.join(folder, 'node_modules'));
  await writeFiles(path.join(clone, 'examples/titanic'), Object.fromEntries(LEFT.map((file) => [file, 's3cret'])));
  const env = cleanEnvironment({});
  const { stdout } = await run('npm', ['pack', ...NPM, '--json', '--pack-destination', root], { cwd: clone, env });
  const [packed] = JSON.parse(stdout);
  return {
    root,
    clone,
    files: packed.files.map((file: { readonly path: string }) => file.path),
    install: (folder) => unpack(path.join(root, packed.filename), folder),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

async function unpack(tarball: string, folder: string): Promise<string> {
  const weir = path.join(folder, 'node_modules/weir');
  const program = path.join(weir, 'bin/weir.mjs');
  await mkdir(weir, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', weir, '--strip-components=1']);
  await mkdir(path.join(folder, 'node_modules/.bin'));
  await symlink(program, path.join(folder, 'node_modules/.bin/weir'));
  return program;
}

/** Writes each text to its path in the folder. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
}
