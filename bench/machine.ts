import { cpus, loadavg, totalmem } from 'node:os';

/** What a reader must know of the machine to judge the numbers. */
export function machineFacts(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const load = loadavg().map((value) => value.toFixed(1));
  const isShared = (loadavg()[0] ?? 0) > 1;
  return [
    `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    `${cpus().length} cores (${model}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB of memory`,
    `Node ${process.versions.node}`,
    `load average at start ${load.join(', ')}${isShared ? ' (the machine was shared with other work)' : ''}`,
  ].join('; ');
}
