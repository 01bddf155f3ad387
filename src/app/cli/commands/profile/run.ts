import path from 'node:path';
import {
  type ChangeThresholds,
  compareProfiles,
  type FoundPartitions,
  maybeFindPartitions,
  type Profile,
  type ProfileChange,
  type ProfileFileOptions,
  profileFile,
  profilePartitions,
  renderProfile,
  verdictOfChanges,
} from '#contracts';
import { openDuckdbPool, writeFileAtomically } from '#store';
import { UsageError } from '../../../project/errors.ts';
import { columnLines } from '../../column-lines.ts';
import type { Surroundings } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES, VERDICT_CODES } from '../../exit-codes.ts';
import { assertTextFlags, type ContractFlags, maybeChooseContract } from '../../file-flags.ts';
import { assertNotOverwritten } from '../../flags.ts';
import { maybeFoundFormat } from '../../found-format.ts';
import type { Running } from '../../terminal.ts';

export interface ProfileFlags
  extends ContractFlags,
    Pick<ProfileFileOptions, 'encoding' | 'delimiter'>,
    ChangeThresholds {
  readonly html?: string;
  readonly showValues?: boolean;
  readonly json?: boolean;
  readonly compare?: string;
  readonly engine?: 'spark';
  readonly work?: string;
}

export interface ProfileCommand extends Running {
  readonly flags: ProfileFlags;
  readonly around: Surroundings;
}

/** Summarises a file, or a dataset of files where the place is one. */
export type Profiler = (place: string, dataset: FoundPartitions | undefined, profiling: Profiling) => Promise<Profile>;

/** Summarises a file, and compares it with another; the exit code is then that of the verdict about the changes. */
export async function profile(
  file: string,
  command: ProfileCommand,
  profiler: Profiler = profileHere,
): Promise<number> {
  const { html, compare, json, showValues = false } = command.flags;
  if (showValues && html === undefined)
    throw new UsageError(
      'usage_invalid',
      'Expected --html <file> with --show-values: values are shown on that page only.',
    );
  const { indexWarn, indexFail, nullsWarn, nullsFail } = command.flags;
  if (command.flags.work !== undefined && command.flags.engine === undefined)
    throw new UsageError(
      'usage_invalid',
      'Expected --engine spark with --work: it is where the cluster reads and writes.',
    );
  const thresholds = { indexWarn, indexFail, nullsWarn, nullsFail };
  if (compare === undefined && Object.values(thresholds).some((each) => each !== undefined))
    throw new UsageError('usage_invalid', 'Expected --compare <other> with a threshold: it is about the differences.');
  if (html !== undefined) {
    await assertNotOverwritten(file, [html]);
    if (compare !== undefined) await assertNotOverwritten(compare, [html]);
  }
  const [own, reference] = await profiles([file, ...(compare === undefined ? [] : [compare])], command, profiler);
  if (own === undefined) return EXIT_CODES.software;
  const changes = reference === undefined ? undefined : compareProfiles(reference, own, thresholds);
  if (html !== undefined) await writeFileAtomically(html, renderProfile(own, { showValues }));
  const written = html === undefined ? '' : `  → ${html}\n`;
  command.print(
    json
      ? `${JSON.stringify({ ...own, ...comparison(reference, changes) })}\n`
      : printable(`${toText(own)}${changesText(reference, changes)}${written}`),
  );
  return changes === undefined ? EXIT_CODES.done : VERDICT_CODES[verdictOfChanges(changes)];
}

async function profiles(
  files: readonly string[],
  command: ProfileCommand,
  profiler: Profiler,
): Promise<readonly Profile[]> {
  const { flags, around } = command;
  const choice = await maybeChooseContract({ ...flags, withLabel: true }, around);
  const datasets = await Promise.all(files.map(maybeFindPartitions));
  const read = files.flatMap((file, index) => datasets[index]?.partitions.map((partition) => partition.path) ?? [file]);
  await assertTextFlags(read, flags);
  const duckdb = openDuckdbPool({ ...choice?.duckdb, size: 1 });
  const found: Profile[] = [];
  try {
    for (const [index, file] of files.entries()) {
      const options = {
        ...{ duckdb, signal: command.signal },
        ...(flags.delimiter === undefined ? {} : { delimiter: flags.delimiter }),
        ...(choice === undefined ? {} : { contract: choice.contract }),
        ...(flags.encoding === undefined ? {} : { encoding: flags.encoding }),
      };
      found.push(await profiler(file, datasets[index], { ...command, options }));
    }
    return found;
  } finally {
    await duckdb.close();
  }
}

export interface Profiling extends ProfileCommand {
  readonly options: Omit<ProfileFileOptions, 'path'>;
}

const profileHere: Profiler = (file, dataset, profiling) =>
  dataset === undefined ? ofFile(file, profiling) : ofDataset(dataset, profiling);

async function ofFile(file: string, { flags, options, show }: Profiling): Promise<Profile> {
  const written = options.contract === undefined ? await maybeFoundFormat(file, flags) : undefined;
  return show(`Profiling ${printable(path.basename(file))}`, (onProgress) =>
    profileFile({ ...options, path: file, ...(written && { found: written }), onProgress }),
  );
}

/** Summarises a folder or a pattern of files as one dataset. */
async function ofDataset({ name, partitions }: FoundPartitions, { flags, options, show }: Profiling): Promise<Profile> {
  if (flags.format !== undefined && options.contract === undefined)
    throw new UsageError(
      'usage_invalid',
      'Expected --contract with --format for a folder or pattern of files: its columns say which cells are numbers and dates.',
    );
  return show(`Profiling ${printable(name)}`, (onProgress) =>
    profilePartitions({ ...options, name, partitions, onProgress }),
  );
}

function comparison(reference: Profile | undefined, changes: readonly ProfileChange[] = []): object {
  if (reference === undefined) return {};
  const { file, digest, rows } = reference;
  return { reference: { file, digest, rows }, verdict: verdictOfChanges(changes), changes };
}

function changesText(reference: Profile | undefined, changes: readonly ProfileChange[] = []): string {
  if (reference === undefined) return '';
  const sentences =
    changes.length === 0
      ? ['nothing is different']
      : changes.map(({ severity, sentence }) => `${severity}  ${sentence}`);
  return `Compared with ${reference.file} (${reference.rows} rows): ${verdictOfChanges(changes)}\n${sentences.map((each) => `  ${each}\n`).join('')}`;
}

function toText(of: Profile): string {
  const rejected = of.rejected === 0 ? '' : `, ${of.rejected} rejected`;
  return `${of.file}: ${of.rows} rows${rejected}, ${of.columns.length} columns\n${columnLines(of)}`;
}
