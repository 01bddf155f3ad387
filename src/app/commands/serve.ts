import { type Command, InvalidArgumentError } from 'commander';
import type { Serving } from '../actions/serve.ts';
import { explain } from '../explain.ts';
import type { CommandContext } from './context.ts';
import { projectOption } from './file-flags.ts';

/** How long a stop may take before the process ends anyway. */
const STOP_MS_MAX = 20_000;

/** Adds `weir serve`. */
export function addServe(program: Command, { openOptions, version }: CommandContext): void {
  program
    .command('serve')
    .description('run everything: database, pipelines, API and web app')
    .option('--port <number>', 'port of the web app and API, 0 for any (also WEIR_PORT)', toPort)
    .addOption(projectOption())
    .action(async ({ port, project }: { port?: number; project?: string }) => {
      const { serve } = await import('../actions/serve.ts');
      const options = { ...openOptions(project), version, ...(port === undefined ? {} : { port }) };
      await serveUntilStopped((signal) => serve({ ...options, signal }));
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
async function serveUntilStopped(start: (signal: AbortSignal) => Promise<Serving>): Promise<void> {
  const stopping = new AbortController();
  let serving: Serving | undefined;
  const end = (error?: unknown): void => {
    // Before it serves, `start` itself ends what it has started.
    serving?.stop().then(() => (error === undefined ? process.exit(0) : fail(error)), fail);
  };
  const onSignal = (): void => {
    if (stopping.signal.aborted) process.exit(130);
    process.stdout.write('\nStopping …\n');
    stopping.abort();
    setTimeout(() => process.exit(1), STOP_MS_MAX).unref();
    end();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  // The terminal was closed.
  process.on('SIGHUP', onSignal);
  try {
    serving = await start(stopping.signal);
  } catch (error) {
    if (stopping.signal.aborted) process.exit(0);
    throw error;
  }
  process.on('uncaughtException', (error) => {
    if (stopping.signal.aborted) fail(error);
    stopping.abort();
    end(error);
  });
  process.stdout.write(`\nWeir is running at ${serving.url} (API docs at ${serving.url}/docs). Ctrl-C stops it.\n`);
}

function fail(error: unknown): never {
  process.stderr.write(`\n✖ ${explain(error)}\n`);
  process.exit(1);
}
