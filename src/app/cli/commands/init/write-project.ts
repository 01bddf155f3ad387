import { mkdir, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Contract } from '#contracts';
import { hasErrorCode } from '#store';
import { weirUrl } from '../../../project/load-project.ts';
import { nameOf } from './place-data.ts';
import { type NewProject, projectFiles } from './project-files.ts';

/** Of a project's name. */
const NAME_LENGTH_MAX = 63;

export interface Writing {
  readonly contract: Contract;
  readonly data: string;
  readonly file: string;
  readonly rows: number;
  /** Whether parts of the data arrive again as an example. */
  readonly hasFeed: boolean;
}

/** Writes the files of the project; one that is there already stays as it is. */
export async function writeProject(folder: string, { contract, data, file, rows, hasFeed }: Writing): Promise<void> {
  const title = nameOf(file).replaceAll(/[_-]+/g, ' ').trim() || 'Data';
  const files = projectFiles({
    name: projectName(nameOf(file)),
    title: `${title.charAt(0).toUpperCase()}${title.slice(1)}`,
    contract,
    rows,
    hasFeed,
    data: slashed(path.relative(folder, data)),
    dataFromState: slashed(path.relative(path.join(folder, '.weir'), data)),
    hasPackage: await hasPackage(folder),
    ...placeOfWeir(folder),
  });
  for (const [name, content] of files) {
    const place = path.join(folder, name);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, content, { flag: 'wx' }).catch((error: unknown) => {
      if (!hasErrorCode(error, 'EEXIST')) throw error;
    });
  }
}

const slashed = (file: string): string => file.split(path.sep).join('/');

/** A name as projects have it: `Sales 2026 (final)` becomes `sales-2026-final`. */
function projectName(name: string): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, NAME_LENGTH_MAX)
    .replace(/-+$/, '');
  return words || 'data';
}

/** Where this Weir and its types are; nothing when `weir` is installed in the folder or above it. */
function placeOfWeir(folder: string): Pick<NewProject, 'types' | 'weirFolder'> {
  try {
    createRequire(pathToFileURL(path.join(folder, 'project.ts'))).resolve('weir');
    return {};
  } catch {
    const library = fileURLToPath(weirUrl);
    return { types: library.replace(/\.js$/, '.d.ts'), weirFolder: path.resolve(library, '../../..') };
  }
}

async function hasPackage(folder: string): Promise<boolean> {
  for (let at = folder; ; at = path.dirname(at)) {
    if ((await stat(path.join(at, 'package.json')).catch(() => undefined)) !== undefined) return true;
    if (at === path.dirname(at)) return false;
  }
}
