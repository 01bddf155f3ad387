import { stat } from 'node:fs/promises';
import path from 'node:path';
import {
  type Contract,
  defineContract,
  type FileFormat,
  type FoundFormat,
  formatOf,
  type Profile,
  profileFile,
  suggestContract,
  text,
} from '#contracts';
import { openDuckdbPool } from '#store';
import { UsageError } from '../../../project/errors.ts';
import type { Surroundings } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { assertNoProject, assertTextFlags } from '../../file-flags.ts';
import { maybeFoundFormat, suggestOptionsOf } from '../../found-format.ts';
import type { Running } from '../../terminal.ts';
import { type ChosenRoles, chooseRoles } from './choose-roles.ts';
import { nameOf, placeData } from './place-data.ts';
import { writeProject } from './write-project.ts';

export interface InitFlags {
  readonly label?: string;
  readonly id?: string;
  readonly time?: string;
  readonly into?: string;
  readonly yes?: boolean;
  readonly link?: boolean;
  readonly delimiter?: string;
  readonly format?: FileFormat;
  readonly serve?: boolean;
  readonly port?: number;
}

export interface InitCommand extends Running {
  readonly flags: InitFlags;
  readonly around: Surroundings;
  readonly ask?: (question: string) => Promise<string>;
}

/** The column that is added to a file without an id. */
const ROW_ID = 'row_id';

/** Creates a project from a CSV file. */
export async function init(file: string, command: InitCommand): Promise<{ folder: string; exitCode: number }> {
  const { flags, around, print } = command;
  assertNoProject('init', around);
  await assertTextFlags([file], flags);
  const folder = path.resolve(flags.into ?? nameOf(file));
  await assertFree(folder);
  if (flags.port !== undefined && !flags.serve)
    throw new UsageError('usage_invalid', 'Expected --serve beside --port, which says where to serve.');
  const found = await maybeFoundFormat(file, flags);
  const profile = await profileOf(file, { ...command, found });
  const chosen = await chooseRoles(profile, { named: flags, ...askUntilAborted(command) });
  const suggested = suggestContract(profile, { ...(found && suggestOptionsOf(found)), roles: chosen.roles });
  const ids = await idsOf(file, { chosen, flags, found });
  const contract = ids === 'in the file' ? suggested : withRowId(suggested);
  assertHasFeature(contract, profile);
  const [idColumn = ''] = Object.keys(contract.columns);
  const data = await placeData(file, {
    ...{ folder, delimiter: contract.delimiter, link: flags.link === true },
    ...(ids === 'added' ? { idColumn } : {}),
  });
  await writeProject(folder, { contract, data, file, rows: profile.rows, hasFeed: ids !== 'generated' });
  print(printable(reportOf(profile, { chosen, contract, folder, data, ids })));
  return { folder, exitCode: EXIT_CODES.done };
}

/** Ctrl-C ends a question. */
function askUntilAborted({ ask, signal }: InitCommand): Pick<InitCommand, 'ask'> {
  if (ask === undefined) return {};
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  return { ask: (question) => Promise.race([ask(question), aborted]) };
}

/**
 * Where ids come from: the file has them; they are added to the project's copy; or each check generates them, from the
 * digest of the whole file, so that parts of it would have others.
 */
type Ids = 'in the file' | 'added' | 'generated';

async function idsOf(
  file: string,
  {
    chosen,
    flags,
    found,
  }: { readonly chosen: ChosenRoles; readonly flags: InitFlags; readonly found: FoundFormat | undefined },
): Promise<Ids> {
  if (chosen.roles.id !== undefined) return 'in the file';
  // A file in another form stays as it is, like those that arrive.
  const isPlain = (await formatOf(file, file)) === 'csv' && found?.format === undefined;
  return flags.link !== true && isPlain ? 'added' : 'generated';
}

async function assertFree(folder: string): Promise<void> {
  const found = await stat(path.join(folder, 'project.ts')).catch(() => undefined);
  if (found === undefined) return;
  throw new UsageError(
    'usage_invalid',
    `Expected a folder without a project; ${folder} has a project.ts. Name another folder with --into.`,
  );
}

async function profileOf(
  file: string,
  { found, signal, show }: InitCommand & { readonly found: FoundFormat | undefined },
): Promise<Profile> {
  const duckdb = openDuckdbPool({ size: 1 });
  try {
    const profile = await show(`Profiling ${printable(path.basename(file))}`, (onProgress) =>
      profileFile({ path: file, duckdb, signal, provesUnique: true, onProgress, ...(found && { found }) }),
    );
    if (profile.rows > 0) return profile;
    throw new UsageError('usage_invalid', `Expected a file with rows; ${file} has none.`);
  } finally {
    await duckdb.close();
  }
}

function withRowId(contract: Contract): Contract {
  let name = ROW_ID;
  const names = new Set(Object.keys(contract.columns).map((column) => column.toLowerCase()));
  for (let number = 2; names.has(name); number += 1) name = `${ROW_ID}_${number}`;
  const id = text({ role: 'id', unique: true, generated: true });
  return defineContract({ ...contract, columns: { [name]: id, ...contract.columns } });
}

function assertHasFeature({ columns }: Contract, { file }: Profile): void {
  if (Object.values(columns).some(({ role, alwaysNull }) => role === 'feature' && alwaysNull !== true)) return;
  throw new UsageError(
    'usage_invalid',
    `Expected a column that a model can learn from: a number, a date, a boolean or a text of few values. ${file} has none beside id, label and time.`,
  );
}

interface Reporting {
  readonly chosen: ChosenRoles;
  readonly contract: Contract;
  readonly folder: string;
  readonly data: string;
  readonly ids: Ids;
}

function reportOf(profile: Profile, { chosen, contract, folder, data, ids }: Reporting): string {
  const { roles, reasons } = chosen;
  const rejected = profile.rejected === 0 ? '' : `, ${profile.rejected} more that cannot be read`;
  const about = (role: 'label' | 'id' | 'time'): string => `  ${role.padEnd(5)}  ${roles[role]} (${reasons[role]})\n`;
  const [added = ROW_ID] = Object.keys(contract.columns);
  const made = {
    added: `${added} (added to the copy of the data: no column names each row, so this one holds the row's place)`,
    generated: `${added} (no column names each row, so each check generates ids from the file's digest and the row's place)`,
  };
  return [
    `${profile.file}: ${profile.rows} rows${rejected}, ${profile.columns.length} columns\n`,
    about('label'),
    ids === 'in the file' ? about('id') : `  id     ${made[ids]}\n`,
    roles.time === undefined ? '' : about('time'),
    `  data   ${data}\n`,
    `Created the project in ${folder}. Read the contract in project.ts; run it with: weir serve --project ${asArgument(path.relative('.', folder) || '.')}\n`,
  ].join('');
}

/** As a shell takes it for one word. */
const asArgument = (text: string): string => (/^[\w./-]+$/.test(text) ? text : JSON.stringify(text));
