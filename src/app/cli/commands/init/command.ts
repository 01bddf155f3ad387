import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { delimiterOption, portOption } from '../../flags.ts';
import { formatOption } from '../../format-option.ts';
import type { InitFlags } from './run.ts';

/** Adds `weir init`. */
export function addInit(program: Command, { around, run, terminal, finish, openOptions }: CommandContext): void {
  program
    .command('init <csv>')
    .description('create a project from a CSV file: contract, settings, README, a first test; it runs at once')
    .option('--label <column>', 'the column to predict')
    .option('--id <column>', 'the column that names each row; one is found, or else added')
    .option('--time <column>', 'the column that dates each row; one is found unless set')
    .option('--into <folder>', 'folder of the project; named after the file unless set')
    .option('--yes', 'take what is proposed instead of asking')
    .option('--link', 'link the data instead of copying it')
    .addOption(delimiterOption())
    .addOption(formatOption())
    .option('--serve', 'run the project when it is created')
    .addOption(portOption())
    .action(async (file: string, flags: InitFlags) => {
      let folder = '';
      await run(async (running) => {
        const { init } = await import('./run.ts');
        const made = await init(file, {
          flags,
          around,
          ...running,
          ...(terminal.ask && !flags.yes ? { ask: terminal.ask } : {}),
        });
        folder = made.folder;
        return made.exitCode;
      });
      if (!flags.serve || folder === '') return;
      const { serveUntilStopped } = await import('../serve/run.ts');
      const port = flags.port === undefined ? {} : { port: flags.port };
      finish(await serveUntilStopped(terminal, { ...openOptions(folder), ...port }));
    });
}
