import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Queryable } from '#store';

/** The processes of LightGBM that this one started, or one that it started did. */
export function trainers(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const isOwn = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(process.pid);
        return isOwn && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/lightgbm/child.');
      } catch {
        // It has ended.
        return false;
      }
    });
}

/** Waits until a part of a training is connected with another: it trains. */
export async function untilConnected(database: Queryable): Promise<void> {
  for (;;) {
    const ports = await database.query<{ port: number }>('select port from training_parts where round is not null');
    if (ports.some(({ port }) => isConnected(port))) return;
    await setImmediate();
  }
}

const ESTABLISHED = '01';

function isConnected(port: number): boolean {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .some(([, from = '', , state]) => from.endsWith(local) && state === ESTABLISHED);
}
