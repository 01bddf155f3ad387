import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { jsonOption } from '../../flags.ts';
import type { SettingsFlags } from './run.ts';

/** Adds `weir settings`. */
export function addSettings(program: Command, { run }: CommandContext): void {
  program
    .command('settings [name]')
    .description(
      'list what config/*.yaml may set, with type, default and meaning; of one section or setting: settings server',
    )
    .addOption(jsonOption())
    .action((name: string | undefined, flags: SettingsFlags) =>
      run(async (running) => {
        const { showSettings } = await import('./run.ts');
        return showSettings(name, { ...flags, ...running });
      }),
    );
}
