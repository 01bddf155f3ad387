import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What a contestant prints as its last line: who it is, how long each repetition took, and where the rows went. */
export interface Told {
  readonly versions: Readonly<Record<string, string>>;
  readonly seconds: readonly number[];
  /** Of all threads and child processes: what a busy machine distorts less than the time on the wall. */
  readonly processorSeconds: readonly number[];
  readonly rows?: { readonly good: number; readonly bad: number; readonly rejected: number };
}

/** What a contestant told, and what was seen of it. */
export type Measured<T = Told> = T & {
  readonly versions: Readonly<Record<string, string>>;
  /** Highest sum of resident memory over the contestant and all its children, sampled. */
  readonly peakBytes: number;
};

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

const SAMPLE_EVERY_MS = 25;
/** Some peers now and then wait for ever for one of their own threads. */
const TIME_MAX_MS = 20 * 60_000;
/** What a contestant tells is its last line, with a number for each of some thousand measurements. */
const OUTPUT_KEPT_CHARS = 1_000_000;
const ERRORS_KEPT_CHARS = 4000;
const PAGE_BYTES = 4096;

/** Runs a contestant as a process of its own; undefined when it failed, which is told on stderr. */
export async function runContestant<T extends object = Told>({
  command,
  args,
}: Command): Promise<Measured<T> | undefined> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  let [output, errors, peakBytes] = ['', '', 0];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output = (output + chunk).slice(-OUTPUT_KEPT_CHARS);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors = (errors + chunk).slice(-ERRORS_KEPT_CHARS);
  });
  const sampling = setInterval(() => {
    peakBytes = Math.max(peakBytes, child.pid === undefined ? 0 : residentBytes(child.pid));
  }, SAMPLE_EVERY_MS);
  const timeout = setTimeout(() => child.kill('SIGKILL'), TIME_MAX_MS);
  const how = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? 'well' : `ended with ${code ?? signal}`));
  });
  clearInterval(sampling);
  clearTimeout(timeout);
  const lastLine = output.trimEnd().split('\n').at(-1) ?? '';
  if (how !== 'well' || !lastLine.startsWith('{')) {
    const said = how === 'well' ? `its last line is no JSON: ${lastLine.slice(0, 60)}` : how;
    process.stderr.write(`  ${args.join(' ')}: ${said}\n${errors.slice(-1500)}\n`);
    return undefined;
  }
  // Written by our own scripts, whose suite names what they tell.
  return { ...(JSON.parse(lastLine) as Omit<Measured<T>, 'peakBytes'>), peakBytes } as Measured<T>;
}

/** Resident memory of a process and all below it; 0 where there is no /proc. */
export function residentBytes(root: number): number {
  const processes = listProcesses();
  const family = new Set([root]);
  // Children have no smaller chance to stand before their parents, so go round until nothing is new.
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  return processes.filter(({ pid }) => family.has(pid)).reduce((sum, { bytes }) => sum + bytes, 0);
}

function listProcesses(): readonly { pid: number; parent: number; bytes: number }[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => processAt(name));
  } catch {
    // Not Linux: memory is then not reported.
    return [];
  }
}

function processAt(name: string): readonly { pid: number; parent: number; bytes: number }[] {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    const command = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // The compiler behind tsx is there only because the bench runs from source.
    const pages = command === 'esbuild' ? 0 : Number(fields[21]);
    return [{ pid: Number(name), parent: Number(fields[1]), bytes: pages * PAGE_BYTES }];
  } catch {
    // It ended between the listing and the reading.
    return [];
  }
}
