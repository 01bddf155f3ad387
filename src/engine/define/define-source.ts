import { z } from 'zod';
import type { Queryable } from '#store';
import { copyPartition } from './copy-partition.ts';
import { EngineError } from './errors.ts';
import { type PartitionReader, REMOVAL_SHARE_MAX, type SourceRole, sourceTaskNames } from './partitions.ts';
import {
  type AnyTask,
  type BlobInput,
  type BlobReceipt,
  blob,
  defineTask,
  type NoInputs,
  type Output,
  type TaskContext,
  type TypedGoal,
  value,
} from './task.ts';

/** What a source is: how its partitions are listed and read. */
export type SourceOptions = Pick<PartitionReader, 'name' | 'list' | 'read'> &
  Partial<Pick<PartitionReader, 'removalShareMax'>> & {
    /**
     * Receives the connections of the project in every process, before anything is listed or read. A source without it
     * has none.
     */
    connect?(open: (connection: string) => Queryable): void;
  };

type ContentGoal = TypedGoal<{ readonly content: Output<BlobReceipt, BlobInput> }>;

/**
 * External data in partitions, which can be added, changed and removed. A run lists it once and uses that listing until
 * its end. Its goals are inputs like any other.
 */
export interface Source extends PartitionReader {
  /** Passes it the connections of the project. */
  connect(open: (connection: string) => Queryable): void;
  /** To be registered with the tasks that read it. */
  readonly tasks: readonly AnyTask[];
  /** The sorted names of all partitions; goals that read it are computed again when one is added or removed. */
  partitions(): TypedGoal<{ readonly names: Output<readonly string[], readonly string[]> }>;
  /**
   * The content of one partition. Fails when the partition does not exist; results made from it are stale once it was
   * removed.
   */
  partition(params: { readonly name: string }): ContentGoal;
  /** The content of a partition as last seen, even if it was removed since. */
  lastPartition(params: { readonly name: string }): ContentGoal;
  /** Whether one partition exists; goals that read it are computed again only when this one is added or removed. */
  presence(params: { readonly name: string }): TypedGoal<{ readonly isPresent: Output<boolean, boolean> }>;
}

const KEBAB_CASE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** To be raised when these tasks make other results from the same listing. */
const VERSION = '1';

/** Describes a source; nothing is listed yet. Throws when the name is not kebab-case. */
export function defineSource(options: SourceOptions): Source {
  const { name, removalShareMax = REMOVAL_SHARE_MAX } = options;
  if (!KEBAB_CASE.test(name))
    throw new EngineError(
      'source_invalid',
      `A source name is kebab-case, for example "daily-sales"; got ${JSON.stringify(name)}.`,
    );
  if (!(removalShareMax >= 0 && removalShareMax <= 1))
    throw new EngineError(
      'source_invalid',
      `removalShareMax of source ${name} is a share from 0 to 1; got ${removalShareMax}.`,
    );
  const reader: PartitionReader = {
    name,
    list: (recall) => options.list(recall),
    read: (partition) => options.read(partition),
    removalShareMax,
  };
  const made = sourceTasks(reader);
  return {
    ...reader,
    connect: (open) => options.connect?.(open),
    tasks: Object.entries(made).map(([reads, task]) => ({
      ...task,
      source: { reader, reads: reads as SourceRole['reads'] },
    })),
    partitions: () => made.partitions.goal({}),
    partition: (params) => made.partition.goal({ name: params.name }),
    lastPartition: (params) => made['last-partition'].goal({ name: params.name }),
    presence: (params) => made.presence.goal({ name: params.name }),
  };
}

function sourceTasks(reader: PartitionReader) {
  const names = sourceTaskNames(reader.name);
  const ofOne = z.strictObject({ name: z.string() });
  type OneContext = Pick<TaskContext<{ name: string }, NoInputs>, 'params' | 'inputs' | 'folder' | 'blob'>;
  const copy = async ({ params, inputs, folder, blob: put }: OneContext) => ({
    content: await put({ path: await copyPartition(reader, { name: params.name, listed: listedOf(inputs), folder }) }),
  });
  return {
    partitions: defineTask({
      name: names.partitions,
      version: VERSION,
      params: z.strictObject({}),
      outputs: { names: value<readonly string[]>() },
      run: async ({ inputs }) => ({ names: listedOf<{ names: readonly string[] }>(inputs).names }),
    }),
    partition: defineTask({
      ...{ name: names.partition, version: VERSION, params: ofOne },
      outputs: { content: blob() },
      run: copy,
    }),
    'last-partition': defineTask({
      ...{ name: names['last-partition'], version: VERSION, params: ofOne },
      outputs: { content: blob() },
      run: copy,
    }),
    presence: defineTask({
      ...{ name: names.presence, version: VERSION, params: ofOne },
      outputs: { isPresent: value<boolean>() },
      run: async ({ inputs }) => ({ isPresent: listedOf<{ isPresent: boolean }>(inputs).isPresent }),
    }),
  };
}

// The engine adds this input, from the run's listing, to the tasks of a source alone.
const listedOf = <T>(inputs: unknown): T => (inputs as { readonly pinned: T }).pinned;
