import { readFile } from 'node:fs/promises';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { checkCommand } from './commands/check.ts';
import { corruptCommand } from './commands/corrupt.ts';
import { runCommand } from './commands/run.ts';
import { type Serving, serve } from './commands/serve.ts';
import { splitCommand } from './commands/split.ts';
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
    .showHelpAfterError();
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
  program
    .command('check <file>')
    .description('check a file against the contract of the project; exit code 0 pass, 1 warn, 2 fail, 3 unreadable')
    .option('--project <folder>', 'folder of the project')
    .option('--json', 'print one JSON object')
    .option('--with-label', 'the file has the label column, as training data do')
    .action(async (file: string, { project, ...flags }: { project?: string; json?: boolean; withLabel?: boolean }) =>
      finish(
        await checkCommand(file, { projectFolder: project ?? projectFolder(), environment: process.env, ...flags }),
      ),
    );
  program
    .command('split <csv>')
    .description('cut a CSV file into a number of files whose sizes differ by at most one row')
    .requiredOption('--into <folder>', 'where the files go')
    .requiredOption('--files <number>', 'how many files', toInteger)
    .action(async (csv: string, options: { into: string; files: number }) => finish(await splitCommand(csv, options)));
  program
    .command('corrupt <csv>')
    .description('write a copy with errors injected, and the list of them beside it')
    .requiredOption('--out <file>', 'the file to write')
    .option('--share <number>', 'share of rows that get an error, 0 to 1', Number, 0.1)
    .option('--seed <number>', 'same seed, same errors', toInteger, 1)
    .option('--kinds <names>', 'comma-separated kinds of errors; all when absent')
    .option('--project <folder>', 'folder of the project')
    .action(
      async (csv: string, options: { out: string; share: number; seed: number; kinds?: string; project?: string }) =>
        finish(
          await corruptCommand(csv, {
            ...options,
            projectFolder: options.project ?? projectFolder(),
            environment: process.env,
          }),
        ),
    );
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
  if (error instanceof CommanderError) process.exit(error.exitCode);
  fail(error);
});
