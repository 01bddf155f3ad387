import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Role } from '#api';
import { DELIMITERS, ENCODING_EXAMPLES, maybeEncoding } from '#contracts';
import type { AsOf } from '#engine';
import { UsageError } from '../project/errors.ts';
import { systemUser } from './system-user.ts';

/** By the character, its name, and what a shell passes for a tab. */
const BY_NAME: ReadonlyMap<string, string> = new Map<string, string>([
  ...Object.entries(DELIMITERS).map(([character, name]) => [name, character] as const),
  ['\\t', '\t'],
]);
const PORT_MAX = 65_535;

/** `--contract`: a contract without a project. */
export const contractOption = (): Option =>
  new Option('--contract <file>', 'a contract file: a TypeScript module, or ODCS YAML');

/** `--schema`: the schema object of a contract in YAML. */
export const schemaOption = (): Option =>
  new Option('--schema <name>', 'the schema object of an ODCS contract, when it has several');

/** `--environment`, of a check. */
export const environmentOption = (): Option =>
  new Option('--environment <name>', 'check files of this environment of the contract, such as serving');

/** `--engine`, for data bigger than one machine. */
export const engineOption = (): Option =>
  new Option(
    '--engine <name>',
    'what does the work instead of this machine: spark, the cluster of the settings engines.spark',
  ).choices(['spark']);

/** `--project`, also after the command. */
export const projectOption = (): Option => new Option('--project <folder>', 'folder of the project');

/** `--json`, of every command with a result. */
export const jsonOption = (): Option => new Option('--json', 'print one JSON object');

/** `--encoding`, for files without a byte order mark. */
export const encodingOption = (): Option =>
  new Option('--encoding <name>', 'encoding of files without a byte order mark').argParser((text) => {
    if (maybeEncoding(text) !== undefined) return text;
    throw new InvalidArgumentError(`Expected ${ENCODING_EXAMPLES}; got "${text}".`);
  });

/** `--delimiter`, for commands that may have no contract. */
export const delimiterOption = (): Option =>
  new Option(
    '--delimiter <character>',
    'what separates cells: one to eight characters, or comma, semicolon, tab or bar; by default as the contract or the file shows',
  ).argParser(delimiterNamed);

/** A delimiter by its name or as it is. */
export function delimiterNamed(text: string): string {
  const delimiter = BY_NAME.get(text) ?? text;
  if (/^[^\0\r\n"]{1,8}$/u.test(delimiter)) return delimiter;
  throw new InvalidArgumentError(`Expected one to eight characters, or comma, semicolon, tab or bar; got "${text}".`);
}

/** `--port`, of commands that serve. */
export const portOption = (): Option =>
  new Option('--port <number>', 'port of the web app and API, 0 for any (also WEIR_PORT)').argParser(
    wholeNumber({ min: 0, max: PORT_MAX }),
  );

/** Parses a whole number within bounds. */
export function wholeNumber({ min, max }: { readonly min: number; readonly max: number }): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}; got "${text}".`);
  };
}

/**
 * Throws a UsageError when one of the files to write is the file to read, or there and no file: a file is written beside its
 * name and renamed, which would replace a device such as /dev/null.
 */
export async function assertNotOverwritten(input: string, outputs: readonly string[]): Promise<void> {
  for (const output of outputs) {
    const there = await stat(output).catch(() => undefined);
    if (there === undefined || there.isFile()) continue;
    const what = there.isDirectory() ? 'a folder' : 'a device or a pipe';
    throw new UsageError('usage_invalid', `Expected a file to write; ${path.resolve(output)} is ${what}.`);
  }
  const read = await maybeRealPath(input);
  if (read === undefined) return;
  for (const output of outputs) {
    if ((await maybeRealPath(output)) !== read) continue;
    throw new UsageError(
      'usage_invalid',
      `Expected another place to write to than the file that is read; got ${path.resolve(output)} for both.`,
    );
  }
}

export const maybeRealPath = (file: string): Promise<string | undefined> => realpath(file).catch(() => undefined);

/** The name for records. */
export interface ChangeFlags {
  readonly project?: string;
  readonly by?: string;
  readonly reason: string;
  readonly json?: boolean;
}

/** `--by`, of commands that leave a record. */
export const byOption = (): Option =>
  new Option('--by <name>', 'your name, for the record; the user of this system by default');

/** `--reason`, of commands that leave a record. */
export const reasonOption = (): Option => new Option('--reason <text>', 'why, for the record').makeOptionMandatory();

// A copy: the schemas of the API would be loaded with every command.
const ROLES = ['viewer', 'operator', 'admin'] as const satisfies readonly Role[];

/** `--role`, one of the roles. */
export const roleOption = (description: string): Option => new Option('--role <role>', description).choices([...ROLES]);

/** Parses a moment: a date, which means midnight UTC, or a date and time in ISO 8601. */
export function toMoment(text: string): Date {
  const moment = new Date(text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(moment.getTime())) return moment;
  throw new InvalidArgumentError(
    `Expected a date such as 2026-01-31, or a time such as 2026-01-31T06:00:00Z; got "${text}".`,
  );
}

const RUN_PREFIX = 'run:';

/** Parses which version of a result is meant: its number, that of a run, or that of a moment. */
export function toAsOf(text: string): AsOf {
  if (/^\d+$/.test(text)) return { version: text };
  const run = text.slice(RUN_PREFIX.length);
  if (text.startsWith(RUN_PREFIX) && /^\d+$/.test(run)) return { runId: run };
  try {
    return { time: toMoment(text) };
  } catch {
    throw new InvalidArgumentError(
      `Expected a version such as 17, a run such as run:12, or a time such as 2026-01-31T06:00:00Z; got "${text}".`,
    );
  }
}

/** The name for records: the given one, or else the user of this system. */
export function actorOf(by: string | undefined): string {
  return by ?? systemUser();
}
