import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { childFile } from './child-file.ts';

/** Returned rows should be few; without their own limit they could fill gigabytes between two looks. */
export const HEAP_MB = 512;

const SHELL = '/bin/sh';
/**
 * What the process may map beyond its bound on resident memory: a file of 4,000 columns maps 1.1 GB for vectors that
 * are never filled. The supervisor ends a process long before; this is for one that grows faster than anybody looks.
 */
const MAPPED_BESIDE_BYTES = 2 * 2 ** 30;
/** Stack of a thread, which counts as mapped from its start. */
const STACK_BYTES = 8 * 2 ** 20;
const BYTES_PER_KB = 1024;

/**
 * A limit on private writable memory (RLIMIT_DATA), which needs no rights: DuckDB answers "Out of Memory" to what the
 * system refuses, and lives. One on addresses (RLIMIT_AS) would count the gigabyte that Node reserves and never fills.
 * The score makes this process the first that a machine without memory ends, and not the one that asked it.
 */
const HOLD = '{ ulimit -d "$0"; echo 500 > /proc/self/oom_score_adj; } 2> /dev/null; exec "$@"';

export interface ChildLimits {
  readonly residentBytesMax: number;
  /** Threads of DuckDB; the number of processors unless set. */
  readonly threads: number | undefined;
}

/** Memory that the operating system lets the process map, in bytes. */
function mappedBytesMax({ residentBytesMax, threads }: ChildLimits): number {
  return residentBytesMax + MAPPED_BESIDE_BYTES + (threads ?? availableParallelism()) * STACK_BYTES;
}

/** Starts the process of DuckDB, on Linux within limits of the operating system. */
export function startChild(limits: ChildLimits): ChildProcess {
  const command = [process.execPath, `--max-old-space-size=${HEAP_MB}`, childFile()] as const;
  // An empty environment: results depend on no variable, and secrets stay here.
  const options: SpawnOptions = { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: {} };
  const [program, ...args] = command;
  if (process.platform !== 'linux' || !existsSync(SHELL)) return spawn(program, args, options);
  const kilobytes = Math.ceil(mappedBytesMax(limits) / BYTES_PER_KB);
  return spawn(SHELL, ['-c', HOLD, String(kilobytes), ...command], options);
}
