// Runs DuckDB apart from everything else: it is forked, told what to run, and killed when it should stop.
import type { Answer, Request } from './messages.ts';
import { Session } from './session.ts';

const INTERRUPT_EVERY_MS = 5;

let session: Session | undefined;
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
    await session.renew();
    return;
  }
  const { id } = request;
  try {
    send({ id, rows: await perform(request) });
  } catch (error) {
    send({ id, error: error instanceof Error ? error.message : String(error) });
  }
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
