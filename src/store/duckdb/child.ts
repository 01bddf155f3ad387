// Runs DuckDB in its own process, which is forked, sent statements, and killed to stop it.
import type { Answer, Exceeded, Request } from './messages.ts';
import { Session } from './session.ts';

const INTERRUPT_EVERY_MS = 5;
/** DuckDB fills about a gigabyte per second on each thread, so it is ended some ten megabytes beyond its bound. */
const LOOK_EVERY_MS = 10;

let session: Session | undefined;
let residentBytesMax = Number.POSITIVE_INFINITY;
let ended = 0;
// Runs one statement after the other, in the order of the requests.
let last: Promise<void> = Promise.resolve();

process.on('message', (message) => {
  // Only the parent is at the other end of the channel.
  const request = message as Request;
  if (request.kind === 'end') {
    ended = request.use;
    interruptUntil(last);
  }
  last = last.then(() => answer(request));
});
// A parent that was killed cannot tell us to stop; SIGKILL because an exit would wait for DuckDB's threads.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

// Repeatedly, because an interrupt is lost when the statement has been passed on but not started.
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
  // In the child's main thread, which waits for those of DuckDB: works on every system, and however busy the parent is.
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
  if (request.use <= ended) throw new Error('The piece of work of this statement has ended.');
  if (request.kind === 'all') return session.all(request.sql);
  await session.run(request.sql);
  return [];
}

function send(message: Answer): void {
  // The channel closes when the parent ends; the disconnect event above handles that.
  process.send?.(message, undefined, undefined, () => {});
}
