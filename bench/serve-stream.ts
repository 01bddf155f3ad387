import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { residentBytes } from './contestant.ts';
import { usedSecondsOf } from './processor-time.ts';
import { type Served, startServers } from './serve-contestants.ts';
import { rowOf } from './serve-rows.ts';
import type { BenchOptions, Suite } from './suite.ts';
import { duration, table } from './table.ts';

/** One stream of rows over HTTP, each answered with its stored prediction, and the memory of the server meanwhile. */
export const serveStreamSuite: Suite = { name: 'serve-stream', run };

const ROWS = 1_000_000;
const BLOCK_ROWS = 1000;
const WARM_ROWS = 5000;
const SAMPLE_EVERY_MS = 100;
const SETTLE_MS = 3000;
const LINE_FEED = 0x0a;

async function* run(options: BenchOptions): AsyncGenerator<string> {
  const servers = await startServers(options, { isAlone: true });
  try {
    yield await measureStream(servers, options);
  } finally {
    await servers.stop();
  }
}

/** Rows in and predictions out: how many in a second, and whether memory is what it was. */
export async function measureStream(servers: Served, { rows, say }: BenchOptions): Promise<string> {
  const [ours] = servers.contestants;
  if (ours === undefined) return '';
  const { port, pid } = ours;
  const count = Math.min(rows, ROWS);
  const results: string[][] = [];
  for (const isStored of [true, false]) {
    const what = isStored ? 'stored' : 'not stored';
    say(`a stream of ${count} rows, ${what}`);
    await stream({ port, isStored, count: Math.min(count, WARM_ROWS) });
    const memory = watchMemory(() => residentBytes(pid) - residentBytes(servers.postmaster));
    const before = processorSeconds(pid, servers.postmaster);
    const seconds = await stream({ port, isStored, count });
    const used = processorSeconds(pid, servers.postmaster) - before;
    results.push([what, (count / seconds).toFixed(0), duration(used / count), ...(await memory.end())]);
  }
  const columns = ['predictions', 'rows/s', 'processor time of one', 'memory before', 'at its peak', 'after'];
  return `### A stream of ${count} rows\n\n${table(columns, results)}`;
}

interface Streaming {
  readonly port: number;
  readonly isStored: boolean;
  readonly count: number;
}

/** The seconds that it took. A client that does little: it sends blocks that are ready, and counts lines. */
async function stream({ port, isStored, count }: Streaming): Promise<number> {
  const started = performance.now();
  const asked = request({
    ...{ host: '127.0.0.1', port, method: 'POST', path: `/api/predict?store=${isStored}` },
    headers: { 'content-type': 'application/x-ndjson' },
  });
  const [{ lines, last }] = await Promise.all([linesOf(asked), pipeline(Readable.from(blocksOf(count)), asked)]);
  if (lines !== count + 1 || !last.includes(`"isComplete":true,"predicted":${count},`))
    throw new Error(`Expected ${count} predictions and an end; got ${lines} lines, the last one ${last.slice(0, 300)}`);
  return (performance.now() - started) / 1000;
}

function* blocksOf(count: number): Generator<Buffer> {
  const block = (rows: number): Buffer =>
    Buffer.from(Array.from({ length: rows }, (_, n) => `${JSON.stringify(rowOf(n))}\n`).join(''));
  const whole = block(BLOCK_ROWS);
  for (let left = count; left > 0; left -= BLOCK_ROWS) yield left >= BLOCK_ROWS ? whole : block(left);
}

function linesOf(asked: ReturnType<typeof request>): Promise<{ readonly lines: number; readonly last: string }> {
  return new Promise((resolve, reject) => {
    asked.once('error', reject);
    asked.once('response', (response) => {
      let lines = 0;
      let tail = Buffer.alloc(0);
      response.on('data', (chunk: Buffer) => {
        for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) lines += 1;
        tail = Buffer.concat([tail.subarray(-1000), chunk.subarray(-1000)]);
      });
      response.once('error', reject);
      response.once('end', () => resolve({ lines, last: tail.toString().trimEnd().split('\n').at(-1) ?? '' }));
    });
  });
}

/** Before, at the peak, and some time after, in MB. */
function watchMemory(look: () => number): { end(): Promise<readonly string[]> } {
  const before = look();
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, look());
  }, SAMPLE_EVERY_MS);
  return {
    end: async () => {
      clearInterval(sampling);
      await delay(SETTLE_MS);
      return [before, peak, look()].map((bytes) => `${(bytes / 1e6).toFixed(0)} MB`);
    },
  };
}

/** Of the server, without its database, which is a child of it. */
const processorSeconds = (pid: number, postmaster: number): number => usedSecondsOf(pid) - usedSecondsOf(postmaster);
