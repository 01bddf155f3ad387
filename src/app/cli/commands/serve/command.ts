import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { portOption, projectOption } from '../../flags.ts';
import type { ServeFlags } from './run.ts';

/** Adds `weir serve`. */
export function addServe(program: Command, { openOptions, terminal, finish }: CommandContext): void {
  program
    .command('serve')
    .description('run everything: database, pipelines, API and web app')
    .addOption(portOption())
    .addOption(projectOption())
    .action(async ({ project, ...flags }: ServeFlags) => {
      const { serveUntilStopped } = await import('./run.ts');
      finish(await serveUntilStopped(terminal, { ...openOptions(project), ...flags }));
    });
}
