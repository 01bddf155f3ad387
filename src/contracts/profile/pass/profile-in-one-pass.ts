import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { ColumnKind, Contract } from '../../contract.ts';
import { isKernelKind } from '../../kernel/kernel-kind.ts';
import type { SourceFacts, SourceOptions } from '../../scan/source.ts';
import { threadsFor } from '../../sweep/block-threads.ts';
import { readHeader } from '../../sweep/header.ts';
import { KeyMemory } from '../../sweep/key-memory.ts';
import { KeysTooLargeError } from '../../sweep/keys-too-large-error.ts';
import { type ReadBlocks, readBlocks } from '../../sweep/read-blocks.ts';
import type { BlockTaker } from '../../sweep/sweep.ts';
import type { BlockPlan } from '../../sweep/sweep-plan.ts';
import { seemsUnique } from '../limits.ts';
import { PROFILE_VERSION, type Profile } from '../profile.ts';
import { namedColumns } from '../profile-source.ts';
import { DifferentValues } from './count-different.ts';
import { FileTally } from './file-tally.ts';
import { findKinds } from './find-kinds.ts';
import { type FirstLook, lookFirst } from './first-look.ts';
import { planTally, type Reading } from './plan-tally.ts';
import type { RowsFile } from './rows-file.ts';
import { summarise } from './summarise.ts';

export interface OnePassOptions extends Pick<SourceOptions, 'signal' | 'onProgress'> {
  readonly file: RowsFile;
  readonly contract: Contract | undefined;
  readonly provesUnique: boolean;
  /** For the numbers of a file and for what different values are counted by. */
  readonly memoryBytesMax: number;
  /** Folder for temporary files. */
  readonly folder: string;
  /** What the profile calls the file. */
  readonly name: string;
}

/** `empty` of a file without a first line, `unsuited` of one that one pass is not enough for. */
export type OnePassProfile = Profile | 'empty' | 'unsuited';

/**
 * Profiles a file while it is read. The kinds of columns that no contract names are guessed from the first rows and proved
 * by all; a file that disproves some is read twice more. It is not suited when it has more numbers, or more different values,
 * than there is memory for, or kinds that the kernel does not read.
 *
 * @throws UndecodableError when the first line cannot be read.
 */
export async function profileInOnePass(options: OnePassOptions): Promise<OnePassProfile> {
  const look = await lookFirst(options.file, (names) =>
    declaredKinds(options, names).every((kind) => kind !== undefined),
  );
  if (look.names === undefined) return 'empty';
  try {
    return await profile(options, { ...look, names: look.names });
  } catch (error) {
    if (error instanceof KeysTooLargeError) return 'unsuited';
    throw error;
  }
}

/** Without progress: only the pass that counts tells it. */
function silent({ onProgress: _, ...options }: OnePassOptions): Omit<OnePassOptions, 'onProgress'> {
  return options;
}

function declaredKinds(
  { contract }: Pick<OnePassOptions, 'contract'>,
  names: readonly string[],
): readonly (ColumnKind | undefined)[] {
  return namedColumns(contract, names).map(({ name }) => contract?.columns[name]?.kind);
}

async function profile(
  options: OnePassOptions,
  look: FirstLook & { readonly names: readonly string[] },
): Promise<OnePassProfile> {
  const columns = namedColumns(options.contract, look.names);
  const declared = declaredKinds(options, look.names);
  const kinds = declared.map((kind, position) => kind ?? look.kinds[position] ?? 'text');
  if (!kinds.every(isKernelKind)) return 'unsuited';
  const first = await tallied(options, kinds);
  const isWrong = (position: number): boolean => {
    if (declared[position] !== undefined) return false;
    const filled = first.found.records - (first.found.columns.nulls[position] ?? 0);
    // A column whose first cells are empty was guessed as text, which fits everything but is not specific.
    if (look.kinds[position] === undefined) return filled > 0;
    return (first.tally.columns[position]?.counts.filled ?? 0) < filled;
  };
  const better = await kindsOf(options, [...kinds.keys()].filter(isWrong));
  const told =
    better.size === 0
      ? first
      : await tallied(
          options,
          kinds.map((kind, position) => better.get(position) ?? kind),
        );
  const { found, facts, tally } = told;
  const { digest, sizeBytes } = facts;
  return {
    ...{ version: PROFILE_VERSION, file: options.name, digest, sizeBytes },
    ...{ rows: found.records, rejected: options.file.rejected + found.rejected },
    ...summarise(columns, { tally, found, different: await differentOf(options, told) }),
  };
}

interface Tallied extends Read {
  readonly tally: FileTally;
}

async function tallied(options: OnePassOptions, kinds: readonly ColumnKind[]): Promise<Tallied> {
  const { file, memoryBytesMax } = options;
  const tally = new FileTally(kinds, { delimiter: file.delimiter, memory: new KeyMemory(memoryBytesMax) });
  const read = await readOnce(options, { planOf: (reading) => planTally(kinds, reading), taker: tally });
  return { ...read, tally };
}

/** How many different values the columns have that seem to have no value twice, once it is asked for. */
async function differentOf(options: OnePassOptions, { tally }: Tallied): Promise<ReadonlyMap<number, number>> {
  if (!options.provesUnique) return new Map();
  const asked = tally.columns.flatMap(({ kind, counts }, position) =>
    !counts.isFew && seemsUnique(counts.distinct, counts.filled) ? [{ position, kind }] : [],
  );
  if (asked.length === 0) return new Map();
  const taker = new DifferentValues(asked, options.memoryBytesMax);
  await readOnce(silent(options), { planOf: (reading) => taker.planOf(reading), taker });
  return taker.counts;
}

/** The kinds of some columns by all rows. */
async function kindsOf(
  options: OnePassOptions,
  positions: readonly number[],
): Promise<ReadonlyMap<number, ColumnKind>> {
  if (positions.length === 0) return new Map();
  const { planOf, kindsIn } = findKinds(positions);
  const { found } = await readOnce(silent(options), { planOf, taker: COUNTED_ALONE });
  return kindsIn(found);
}

/** What the kernel counts is all that is asked. */
const COUNTED_ALONE: BlockTaker = { take: () => undefined };

interface Read {
  readonly found: ReadBlocks;
  readonly facts: Pick<SourceFacts, 'digest' | 'sizeBytes'>;
}

interface Pass {
  readonly planOf: (reading: Reading) => BlockPlan;
  readonly taker: BlockTaker;
}

async function readOnce(options: OnePassOptions, { planOf, taker }: Pass): Promise<Read> {
  const { file, folder, signal, onProgress } = options;
  const { separator, form, namesOf, recordBytesMax } = file;
  const { blocks, facts, sizeBytes, close } = await file.open(onProgress);
  const rejects = path.join(folder, 'rejected.jsonl');
  // An earlier pass may have left it.
  await rm(rejects, { force: true });
  try {
    const header = await readHeader(blocks, { delimiter: separator, recordBytesMax, form, namesOf });
    const found = await readBlocks({
      ...{ plan: planOf({ file, header }), blocks, header, taker },
      rejects,
      threads: threadsFor(sizeBytes()),
      signal,
      onBlock: () => undefined,
    });
    return { found, facts: facts() };
  } finally {
    await blocks.return();
    await close();
  }
}
