import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { ContractError } from '../errors.ts';
import type { DatasetPartition } from './check-partitions-options.ts';
import { MANIFEST, type Manifest } from './manifest.ts';
import { isGlob, matchesGlob } from './matches-glob.ts';

/** The files of a partitioned dataset. */
export interface FoundPartitions {
  /** The folder, or the folder before the first pattern, by its own name. */
  readonly name: string;
  /** The folder that was named, or the one before the first pattern, absolute. */
  readonly root: string;
  /** In the order of their names. */
  readonly partitions: readonly (DatasetPartition & { readonly path: string })[];
  /** Files of the folder that are no data by their names, and are not read. */
  readonly ignored: readonly string[];
}

const DATA = /\.(csv|tsv|txt|parquet|pq|ndjson|jsonl|json)(\.(gz|zst|bz2|zip))?$/i;

/**
 * Finds the files of a partitioned dataset: those of a folder and of the folders in it that are data by their names, or those that match
 * a pattern such as `orders/2026-*.csv`. Names that begin with a point or `_` are no data. Of a folder that a check wrote,
 * the good rows that its manifest names. Undefined where the path names a single file, or nothing.
 *
 * @throws ContractError `file_unreadable` when there is a folder or a pattern without files.
 */
export async function maybeFindPartitions(address: string): Promise<FoundPartitions | undefined> {
  const isFolder = (await stat(address).catch(() => undefined))?.isDirectory() ?? false;
  if (!isFolder && (!isGlob(address) || (await isThere(address)))) return undefined;
  const segments = address.split('/');
  const own = isFolder ? segments.length : segments.findIndex(isGlob);
  const folder = segments.slice(0, own).join('/') || (address.startsWith('/') ? '/' : '.');
  const manifest = isFolder ? await maybeManifest(folder) : undefined;
  const { data, ignored } =
    manifest === undefined
      ? await list(folder, isFolder ? undefined : segments.slice(own).join('/'))
      : { data: manifest.partitions.flatMap(({ files }) => files.good?.file ?? []), ignored: [] };
  if (data.length === 0) {
    const others = ignored.length === 0 ? 'there is none' : `there are only others, such as ${ignored[0]}`;
    throw new ContractError(
      'file_unreadable',
      `Expected files of CSV, Parquet or NDJSON in ${JSON.stringify(address)}; ${others}. Name their folder, or a pattern in quotes such as "orders/*.csv".`,
    );
  }
  const partitions = data.map((name) => {
    const file = path.join(folder, name);
    return { name, path: file, use: <T>(work: (file: string) => Promise<T>) => work(file) };
  });
  const root = path.resolve(folder);
  return { name: path.basename(root), root, partitions, ignored };
}

async function isThere(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}

async function list(
  folder: string,
  pattern: string | undefined,
): Promise<{ readonly data: readonly string[]; readonly ignored: readonly string[] }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((name) => !name.split('/').some((each) => /^[._]/.test(each)))
    .sort();
  const isData = (name: string): boolean => (pattern === undefined ? DATA.test(name) : matchesGlob(name, pattern));
  return { data: files.filter(isData), ignored: pattern === undefined ? files.filter((name) => !isData(name)) : [] };
}

async function maybeManifest(folder: string): Promise<Manifest | undefined> {
  const text = await readFile(path.join(folder, MANIFEST), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const found: unknown = JSON.parse(text);
    const isOurs =
      typeof found === 'object' && found !== null && 'kind' in found && found.kind === 'partitioned-dataset';
    // Written by a check, as its kind says.
    return isOurs ? (found as Manifest) : undefined;
  } catch {
    // A file of somebody else by this name is data or not, like all others.
    return undefined;
  }
}
