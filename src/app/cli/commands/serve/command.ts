import { type Command, InvalidArgumentError } from 'commander';
import type { CommandContext } from '../../context.ts';
import { projectOption } from '../../flags.ts';
import type { ServeFlags } from './run.ts';

/** Adds `weir serve`. */
export function addServe(program: Command, { openOptions, terminal, finish }: CommandContext): void {
  program
    .command('serve')
    .description('run everything: database, pipelines, API and web app')
    .option('--port <number>', 'port of the web app and API, 0 for any (also WEIR_PORT)', toPort)
    .addOption(projectOption())
    .action(async ({ project, ...flags }: ServeFlags) => {
      const { serveUntilStopped } = await import('./run.ts');
      finish(await serveUntilStopped(terminal, { ...openOptions(project), ...flags }));
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
