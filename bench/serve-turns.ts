import { jsonRequest, load } from './load.ts';
import type { Contestant } from './serve-contestants.ts';
import { duration, quantile, table } from './table.ts';

const SECONDS = 5;
const MANY_ROWS = 10_000;
const BODY_BYTES = 15_000_000;

export interface TurnsOptions {
  /** The n-th row of a request. */
  readonly rowOf: (n: number) => unknown;
  say(line: string): void;
}

/** How long others wait, who send one row after another, while one client sends bodies as large as they may be. */
export async function measureTurns(contestants: readonly Contestant[], { rowOf, say }: TurnsOptions): Promise<string> {
  const rows: string[][] = [];
  const many = Array.from({ length: MANY_ROWS }, (_, n) => rowOf(n));
  const tooMany = Array.from({ length: Math.ceil(BODY_BYTES / JSON.stringify(rowOf(0)).length) }, (_, n) => rowOf(n));
  for (const { name, port } of contestants) {
    for (const [what, body] of [
      ['nobody else', undefined],
      [`${MANY_ROWS} rows, again and again`, many],
      ['15 MB of rows, again and again', tooMany],
    ] as const) {
      say(`${what}: ${name}`);
      const stop = body === undefined ? undefined : sendAgain(port, body);
      const one = await load({ port, clients: 1, seconds: SECONDS, request: () => jsonRequest(port, rowOf(1)) });
      await stop?.();
      const latencies = one.latencySeconds;
      rows.push([name, what, ...[0.5, 0.99, 1].map((share) => duration(quantile(latencies, share)))]);
    }
  }
  const columns = ['', 'beside', 'one row: p50', 'p99', 'longest'];
  return `### One client with one row, beside one with as much as it may send\n\n${table(columns, rows)}`;
}

/** Until the result is called; whether they are taken or refused. */
function sendAgain(port: number, body: unknown): () => Promise<void> {
  const text = JSON.stringify(body);
  let isOver = false;
  const sending = (async () => {
    while (!isOver) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`http://127.0.0.1:${port}/api/predict`, { method: 'POST', headers, body: text });
      await answer.arrayBuffer();
    }
  })();
  return async () => {
    isOver = true;
    await sending;
  };
}
