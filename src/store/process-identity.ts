import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { hasErrorCode } from './error-code.ts';

const run = promisify(execFile);
const isLinux = process.platform === 'linux';

/** A process as the system identifies it. A pid alone may be reused; together with the start time it is unique. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Undefined where the system does not provide it. */
  readonly start: string | undefined;
}

/** Whether the pid belongs to a running process; a zombie does not count. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    if (!hasErrorCode(error, 'EPERM')) return false;
  }
  return !(isLinux && (await maybeStat(pid))?.state === 'Z');
}

export async function identify(pid: number): Promise<ProcessIdentity> {
  return { pid, start: await startOf(pid) };
}

/** Whether the process of this identity, in our own pid namespace, still runs. */
export async function isSameRunning(identity: ProcessIdentity): Promise<boolean> {
  if (!(await isRunning(identity.pid))) return false;
  const start = await startOf(identity.pid);
  return start === undefined || identity.start === undefined || start === identity.start;
}

/** The scope of pids: they have no meaning elsewhere. */
async function maybePidSpace(): Promise<string | undefined> {
  if (!isLinux) return undefined;
  const [boot, namespace] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ]);
  return `${boot.trim()} ${namespace}`;
}

/** The words of the command line and, where it may be read, the working folder of a running process. */
export async function maybeCommand(
  pid: number,
): Promise<{ readonly words: readonly string[]; readonly folder: string | undefined } | undefined> {
  try {
    if (!isLinux) {
      const { stdout } = await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
      return { words: stdout.trim().split(' '), folder: undefined };
    }
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    return { words, folder: await readlink(`/proc/${pid}/cwd`).catch(() => undefined) };
  } catch {
    return undefined;
  }
}

async function startOf(pid: number): Promise<string | undefined> {
  if (isLinux) return (await maybeStat(pid))?.start;
  if (process.platform === 'win32') return undefined;
  return run('ps', ['-o', 'lstart=', '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim() || undefined,
    () => undefined,
  );
}

async function maybeStat(pid: number): Promise<{ readonly state: string; readonly start: string } | undefined> {
  try {
    const line = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in brackets, which may itself hold spaces and brackets.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', start: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

/** A process as recorded for others, including those of another container, another machine or a later boot. */
export interface ProcessMark extends ProcessIdentity {
  /** The machine's boot id and the pid namespace, separated by a space; undefined where unknown. */
  readonly space: string | undefined;
  readonly host: string;
}

/** `elsewhere`: it belongs to another container or machine, and whether it runs cannot be seen from here. */
export type ProcessState = 'running' | 'ended' | 'elsewhere';

let ownMark: Promise<ProcessMark> | undefined;
let ownTag: Promise<string> | undefined;

export function describeOwnProcess(): Promise<ProcessMark> {
  ownMark ??= Promise.all([identify(process.pid), maybePidSpace()]).then(([identity, space]) => {
    return { ...identity, space, host: hostname() };
  });
  return ownMark;
}

/**
 * A tag for file names that identifies the process that created a file, so that others can check whether it still runs:
 * pid, start, boot, pid namespace and host, all but the pid shortened.
 */
export function ownProcessTag(): Promise<string> {
  // Every attempt of a task needs it, and its four hashes cost more than an empty task.
  ownTag ??= describeOwnProcess().then(toTag);
  return ownTag;
}

/** Whether the process of a mark still runs. */
export function stateOfProcess(mark: ProcessMark): Promise<ProcessState> {
  return stateOfTag(toTag(mark));
}

/** Whether the process of a tag still runs. */
export async function stateOfTag(tag: string): Promise<ProcessState> {
  const [pid, start, boot, namespace, host] = tag.split('-');
  const [, , ownBoot, ownNamespace, ownHost] = (await ownProcessTag()).split('-');
  // The machine has been restarted since.
  if (host === ownHost && boot !== undefined && boot !== ownBoot) return 'ended';
  if (boot !== ownBoot || namespace !== ownNamespace) return 'elsewhere';
  if (!(await isRunning(Number(pid)))) return 'ended';
  const [given, now] = [start, toWord(await startOf(Number(pid)))];
  const isUnknown = given === UNKNOWN || now === UNKNOWN;
  return isUnknown || given === now ? 'running' : 'ended';
}

function toTag({ pid, start, space = '', host }: ProcessMark): string {
  const [boot, namespace] = space.split(' ');
  return [pid, ...[start, boot, namespace, host].map(toWord)].join('-');
}

function toWord(text = ''): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

const UNKNOWN = toWord();
