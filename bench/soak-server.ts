import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { serveCopy } from './serve-copy.ts';

const PAUSE_MS = 2;
const LOOKS = [0.05, 0.5, 1];

export interface ServerLook {
  readonly runs: number;
  readonly residentBytes: number;
}

/** Resident memory of a whole server after runs that were asked for over HTTP, one after another. */
export async function soakServer(runs: number, scratch: string): Promise<readonly ServerLook[]> {
  const server = await serveCopy('test/fixtures/almanac', scratch);
  const looks: ServerLook[] = [{ runs: 0, residentBytes: residentBytesOf(server.process.pid) }];
  try {
    for (let run = 1; run <= runs; run += 1) {
      await runOnce(server.url);
      if (LOOKS.some((share) => Math.round(share * runs) === run))
        looks.push({ runs: run, residentBytes: residentBytesOf(server.process.pid) });
    }
    return looks;
  } finally {
    await server.remove();
  }
}

async function runOnce(url: string): Promise<void> {
  const { runId } = await asked<{ readonly runId: string }>(new URL('/api/pipelines/count/runs', url), 'POST');
  for (;;) {
    const { state } = await asked<{ readonly state: string }>(new URL(`/api/runs/${runId}`, url), 'GET');
    if (state === 'succeeded') return;
    if (state !== 'queued' && state !== 'running') throw new Error(`Run ${runId} ${state}.`);
    await delay(PAUSE_MS);
  }
}

async function asked<T>(url: URL, method: string): Promise<T> {
  const answer = await fetch(url, { method });
  if (!answer.ok) throw new Error(`${method} ${url.pathname} was answered with ${answer.status}.`);
  // The API states the shape of its answers.
  return (await answer.json()) as T;
}

function residentBytesOf(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
}
