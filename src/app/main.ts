import { readFile } from 'node:fs/promises';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { addCheck } from './commands/check.ts';
import { addCorrupt } from './commands/corrupt.ts';
import { EXIT_CODES } from './commands/ending.ts';
import { addProfile } from './commands/profile.ts';
import { runCommand } from './commands/run.ts';
import { type Serving, serve } from './commands/serve.ts';
import { addSplit } from './commands/split.ts';
import { explain } from './explain.ts';

/** How long a stop may take before the process ends anyway. */
const STOP_MS_MAX = 20_000;

async function main(): Promise<void> {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const program = new Command('weir')
    .description(
      'Machine learning in production: data checked, models trained and served, predictions and drift watched',
    )
    .version(version)
    .option('--project <folder>', 'folder of the project', process.env.WEIR_PROJECT ?? '.')
    .exitOverride()
    .showHelpAfterError('(--help says more)');
  const projectFolder = () => program.opts<{ project: string }>().project;

  program
    .command('serve')
    .description('run everything: database, pipelines, API and web app')
    .option('--port <number>', 'port of the web app and API, 0 for any (also WEIR_PORT)', toPort)
    .option('--project <folder>', 'folder of the project')
    .action(async ({ port, project }: { port?: number; project?: string }) => {
      const options = { projectFolder: project ?? projectFolder(), environment: process.env, version };
      await serveUntilStopped((signal) => serve({ ...options, signal, ...(port === undefined ? {} : { port }) }));
    });
  program
    .command('run <pipeline>')
    .description('start a pipeline of a running Weir and wait for its end')
    .option('--project <folder>', 'folder of the project')
    .action(async (pipeline: string, { project }: { project?: string }) =>
      finish(await runCommand(pipeline, { projectFolder: project ?? projectFolder(), environment: process.env })),
    );
  const isProjectNamed = () => program.getOptionValueSource('project') === 'cli' || Boolean(process.env.WEIR_PROJECT);
  const around = { environment: process.env, projectFolder, isProjectNamed };
  addCheck(program, around, finish);
  addProfile(program, around, finish);
  addSplit(program, finish);
  addCorrupt(program, around, finish);
  await program.parseAsync();
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

function finish(exitCode: number): void {
  process.exitCode = exitCode;
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

main().catch((error: unknown) => {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : EXIT_CODES.usage);
  fail(error);
});
