import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { hasErrorCode } from './error-code.ts';

const run = promisify(execFile);
const isLinux = process.platform === 'linux';

/** A process as the system knows it. A pid alone is given again to another; with the start it is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Undefined where the system does not tell. */
  readonly start: string | undefined;
}

/** Whether the pid belongs to a process that still runs; one that has ended and waits to be reaped does not. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as somebody else.
    if (!hasErrorCode(error, 'EPERM')) return false;
  }
  return !(isLinux && (await maybeStat(pid))?.state === 'Z');
}

export async function identify(pid: number): Promise<ProcessIdentity> {
  return { pid, start: await startOf(pid) };
}

/** Whether the very process of this identity still runs. */
export async function isSameRunning(identity: ProcessIdentity): Promise<boolean> {
  if (!(await isRunning(identity.pid))) return false;
  const start = await startOf(identity.pid);
  return start === undefined || identity.start === undefined || start === identity.start;
}

/** The machine's boot and the pid namespace, with a space between: elsewhere a pid means nothing. Undefined where nobody tells. */
export async function maybePidSpace(): Promise<string | undefined> {
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

/**
 * A word for file names that says which process made a file, so that others can tell whether it still lives:
 * pid, start, and the pid space both belong to.
 */
export async function ownProcessTag(): Promise<string> {
  const [{ pid, start }, space] = await Promise.all([identify(process.pid), maybePidSpace()]);
  return [pid, toWord(start), toWord(space)].join('-');
}

/** Whether the process of a tag runs; `elsewhere` when it belongs to another container or machine, or to an earlier boot. */
export async function stateOfTag(tag: string): Promise<'running' | 'ended' | 'elsewhere'> {
  const [pid, start, space] = tag.split('-');
  if (space !== toWord(await maybePidSpace())) return 'elsewhere';
  if (!(await isRunning(Number(pid)))) return 'ended';
  return toWord(await startOf(Number(pid))) === start ? 'running' : 'ended';
}

function toWord(text = ''): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
