// Runs DuckDB apart from everything else: it is forked, told what to run, and killed when it should stop.
import type { Answer, Exceeded, Request } from './messages.ts';
import { Session } from './session.ts';

const INTERRUPT_EVERY_MS = 5;
/** DuckDB fills about a gigabyte in a second on each thread, so it is ended some ten megabytes beyond its bound. */
const LOOK_EVERY_MS = 10;

let session: Session | undefined;
let residentBytesMax = Number.POSITIVE_INFINITY;
let ended = 0;
// One statement after the other, in the order they were asked.
let last: Promise<void> = Promise.resolve();

process.on('message', (message) => {
  // Only our parent is at the other end of the channel.
  const request = message as Request;
  if (request.kind === 'end') {
    ended = request.use;
    interruptUntil(last);
  }
  last = last.then(() => answer(request));
});
// A parent that was killed cannot tell us to stop; SIGKILL because an exit would wait for DuckDB's threads.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

// Again and again: a statement that has been handed over but has not begun forgets that it was interrupted.
function interruptUntil(settled: Promise<void>): void {
  const timer = setInterval(() => session?.interrupt(), INTERRUPT_EVERY_MS);
  settled.finally(() => clearInterval(timer));
}

async function answer(request: Request): Promise<void> {
  if (request.kind === 'open') {
    session = new Session(request.settings);
    residentBytesMax = request.residentBytesMax;
    await session.renew();
    return;
  }
  const { id } = request;
  // From here, where the main thread waits for those of DuckDB: it works on every system, and however busy our parent is.
  const watch = setInterval(endBeyondMemory, LOOK_EVERY_MS);
  try {
    send({ id, rows: await perform(request), residentBytes: process.memoryUsage.rss() });
  } catch (error) {
    send({ id, error: error instanceof Error ? error.message : String(error) });
  } finally {
    clearInterval(watch);
  }
}

function endBeyondMemory(): void {
  const residentBytes = process.memoryUsage.rss();
  if (residentBytes <= residentBytesMax) return;
  const exceeded: Exceeded = { kind: 'exceeded', residentBytes };
  process.send?.(exceeded, undefined, undefined, () => process.kill(process.pid, 'SIGKILL'));
}

async function perform(request: Exclude<Request, { kind: 'open' }>): ReturnType<Session['all']> {
  if (session === undefined) throw new Error('Expected the settings before the first statement.');
  if (request.kind === 'ping') return [];
  if (request.kind === 'end') {
    await session.renew();
    return [];
  }
  if (request.use <= ended) throw new Error('The piece of work this statement belongs to has ended.');
  if (request.kind === 'all') return session.all(request.sql);
  await session.run(request.sql);
  return [];
}

function send(message: Answer): void {
  // The channel closes under us when the parent goes; the disconnect above is the answer to that.
  process.send?.(message, undefined, undefined, () => {});
}
