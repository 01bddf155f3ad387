import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;
/** Places of utime and stime behind the name, and of cutime and cstime: of children that were waited for. */
const OWN_FIELDS = [11, 12];
const ENDED_FIELDS = [13, 14];

/** Processor seconds used so far by this process and all that descend from it; without /proc, by this process alone. */
export function usedSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + descendantsTicks(process.pid) / TICKS_PER_SECOND;
}

/** Processor seconds used so far by a process and all that descend from it; 0 without /proc. */
export function usedSecondsOf(pid: number): number {
  return (ticksOf(pid) + descendantsTicks(pid)) / TICKS_PER_SECOND;
}

/** Processor seconds of the children of this process that have ended, and of all that descended from them; 0 without /proc. */
export function endedChildrenSeconds(): number {
  return ticksIn(process.pid, ENDED_FIELDS) / TICKS_PER_SECOND;
}

function descendantsTicks(pid: number): number {
  return childrenOf(pid).reduce((sum, child) => sum + ticksOf(child) + descendantsTicks(child), 0);
}

function childrenOf(pid: number): readonly number[] {
  try {
    // Children belong to the thread that started them; the first thread is the one that does in all we run.
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    // It ended meanwhile, or this is not Linux.
    return [];
  }
}

/** What it used, and what its children used that have ended. */
const ticksOf = (pid: number): number => ticksIn(pid, [...OWN_FIELDS, ...ENDED_FIELDS]);

function ticksIn(pid: number, places: readonly number[]): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return places.reduce((sum, index) => sum + Number(fields[index]), 0);
  } catch {
    return 0;
  }
}
