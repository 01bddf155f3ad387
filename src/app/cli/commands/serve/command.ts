import { type Command, InvalidArgumentError } from 'commander';
import { explain } from '../../../project/error-text.ts';
import type { Serving } from '../../../serve/serve.ts';
import type { CommandContext } from '../../context.ts';
import { EXIT_CODES } from '../../ending.ts';
import { projectOption } from '../../flags.ts';
import type { Terminal } from '../../terminal.ts';

/** How long a stop may take before the process ends anyway. */
const STOP_MS_MAX = 20_000;

/** Adds `weir serve`. */
export function addServe(program: Command, { openOptions, version, terminal, finish }: CommandContext): void {
  program
    .command('serve')
    .description('run everything: database, pipelines, API and web app')
    .option('--port <number>', 'port of the web app and API, 0 for any (also WEIR_PORT)', toPort)
    .addOption(projectOption())
    .action(async ({ port, project }: { port?: number; project?: string }) => {
      const { serve } = await import('../../../serve/serve.ts');
      const { print, warn } = terminal;
      const options = { ...openOptions(project), version, print, warn, ...(port === undefined ? {} : { port }) };
      finish(await serveUntilStopped(terminal, (signal) => serve({ ...options, signal })));
    });
}

function toInteger(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`expected a whole number, got ${text}`);
  return Number(text);
}

function toPort(text: string): number {
  const port = toInteger(text);
  if (port > 65_535) throw new InvalidArgumentError(`expected a port from 0 to 65535, got ${text}`);
  return port;
}

/** Ctrl-C stops in order, also a start half-way; a second one, or a stop that takes too long, ends at once. The database survives either. */
async function serveUntilStopped(
  { print, warn, onSignal, onUncaughtError }: Terminal,
  start: (signal: AbortSignal) => Promise<Serving>,
): Promise<number> {
  const stopping = new AbortController();
  let end: (exitCode: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  let serving: Serving | undefined;
  const fail = async (error: unknown): Promise<void> => {
    warn(`\n✖ ${await explain(error)}\n`);
    end(EXIT_CODES.failed);
  };
  const stop = (error?: unknown): void => {
    // Before it serves, `start` itself ends what it has started.
    serving?.stop().then(() => (error === undefined ? end(EXIT_CODES.done) : fail(error)), fail);
  };
  // The terminal was closed: SIGHUP.
  const forget = onSignal(['SIGINT', 'SIGTERM', 'SIGHUP'], () => {
    if (stopping.signal.aborted) return end(EXIT_CODES.interrupted);
    print('\nStopping …\n');
    stopping.abort();
    setTimeout(() => end(EXIT_CODES.failed), STOP_MS_MAX).unref();
    stop();
  });
  const begin = async (): Promise<void> => {
    try {
      serving = await start(stopping.signal);
    } catch (error) {
      if (stopping.signal.aborted) return end(EXIT_CODES.done);
      throw error;
    }
    onUncaughtError((error) => {
      const isStopping = stopping.signal.aborted;
      stopping.abort();
      if (isStopping) void fail(error);
      else stop(error);
    });
    print(`\nWeir is running at ${serving.url} (API docs at ${serving.url}/docs). Ctrl-C stops it.\n`);
  };
  await Promise.race([begin(), ended]);
  return ended.finally(forget);
}
