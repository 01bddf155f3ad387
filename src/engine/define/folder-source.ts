import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { defineSource, type Source, type SourceOptions } from './define-source.ts';
import { EngineError } from './errors.ts';
import { recallDigest } from './file-digests.ts';
import type { Partition, Recall } from './partitions.ts';

/** Which files are the partitions of a source. */
export interface FolderSourceOptions extends Pick<SourceOptions, 'name' | 'removalShareMax'> {
  /** Absolute. A folder that does not exist cannot be listed; an empty one waits for confirmation. */
  readonly folder: string;
  /**
   * Which files count, with one `*` for the partition's name: `*.csv`, `sales-*.json`, or `shop-*` and a file in each.
   */
  readonly pattern: string;
}

/** How many files are hashed at the same time. */
const HASHED_AT_ONCE = 16;

/** The files of a folder as a source: what the `*` of the pattern matches is the name of the partition. */
export function folderSource(options: FolderSourceOptions): Source {
  const { name, folder, removalShareMax } = options;
  if (!path.isAbsolute(folder))
    throw new EngineError(
      'source_invalid',
      `The folder of source ${name} must be an absolute path; got ${JSON.stringify(folder)}.`,
    );
  const pattern = toPattern(name, options.pattern);
  const fileOf = (partition: string): string => {
    assertPlainName(name, partition);
    return path.join(folder, pattern.parent, `${pattern.prefix}${partition}${pattern.suffix}`, pattern.rest);
  };
  const partitionOf = async (partition: string, recall: Recall | undefined): Promise<Partition | undefined> => {
    const found = await recallDigest(fileOf(partition), recall?.(partition));
    return found && { name: partition, ...found };
  };
  return defineSource({
    name,
    ...(removalShareMax === undefined ? {} : { removalShareMax }),
    list: async (recall) => {
      const entries = await readdir(path.join(folder, pattern.parent));
      const names = entries.flatMap((entry) => maybeName(entry, pattern) ?? []);
      const partitions: Partition[] = [];
      for (let from = 0; from < names.length; from += HASHED_AT_ONCE) {
        const found = await Promise.all(
          names.slice(from, from + HASHED_AT_ONCE).map((partition) => partitionOf(partition, recall)),
        );
        partitions.push(...found.filter((partition) => partition !== undefined));
      }
      return partitions;
    },
    read: async (partition) => createReadStream(fileOf(partition)),
  });
}

interface Pattern {
  /** Folders before the one segment that holds the `*`. */
  readonly parent: string;
  readonly prefix: string;
  readonly suffix: string;
  /** What follows that segment. */
  readonly rest: string;
}

function toPattern(source: string, pattern: string): Pattern {
  const segments = pattern.split('/');
  const at = segments.findIndex((segment) => segment.includes('*'));
  const [prefix, suffix, ...more] = segments[at]?.split('*') ?? [];
  const isPlain = segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  if (
    prefix === undefined ||
    suffix === undefined ||
    more.length > 0 ||
    !isPlain ||
    segments
      .slice(at + 1)
      .join('')
      .includes('*')
  )
    throw new EngineError(
      'source_invalid',
      `The pattern of source ${source} is a path below its folder with exactly one "*", for example "*.csv"; got ${JSON.stringify(pattern)}.`,
    );
  return {
    parent: path.join(...segments.slice(0, at), '.'),
    prefix,
    suffix,
    rest: path.join(...segments.slice(at + 1), '.'),
  };
}

/** As in a shell, a leading `*` does not match names that start with a dot: files that are being written often do. */
function maybeName(entry: string, { prefix, suffix }: Pattern): string | undefined {
  if (entry.length <= prefix.length + suffix.length || !entry.startsWith(prefix) || !entry.endsWith(suffix)) return;
  if (prefix === '' && entry.startsWith('.')) return;
  return entry.slice(prefix.length, entry.length - suffix.length);
}

// A goal may come over HTTP, so its name must not lead out of the folder.
function assertPlainName(source: string, partition: string): void {
  if (partition !== '' && !/[/\\\0]/.test(partition) && partition !== '.' && partition !== '..') return;
  throw new EngineError(
    'partition_invalid',
    `${JSON.stringify(partition)} is no partition of source ${source}: a name is one part of a path.`,
  );
}
