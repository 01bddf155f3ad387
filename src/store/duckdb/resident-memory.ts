import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const BYTES_PER_KB = 1024;
const IN_STATUS = /^VmRSS:\s+(\d+) kB$/m;

/**
 * Resident memory of another process, in bytes, as the operating system counts it: from /proc on Linux, else from `ps`.
 * Undefined when the process is gone, or where neither can say it.
 */
export async function maybeResidentBytes(pid: number): Promise<number | undefined> {
  const text = process.platform === 'linux' ? await fromProc(pid) : await fromPs(pid);
  const kilobytes = Number(text);
  return Number.isSafeInteger(kilobytes) && kilobytes > 0 ? kilobytes * BYTES_PER_KB : undefined;
}

async function fromProc(pid: number): Promise<string | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return IN_STATUS.exec(status)?.[1];
}

async function fromPs(pid: number): Promise<string | undefined> {
  const said = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => undefined);
  return said?.stdout.trim();
}
