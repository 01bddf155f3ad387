import type { Command } from 'commander';
import type { CommandContext, ProjectFlags } from '../../context.ts';
import { byOption, type ChangeFlags, jsonOption, projectOption, reasonOption } from '../../flags.ts';
import type { PinsFlags, WithdrawFlags } from './run.ts';

const PINNED = [
  ['version', 'keep a version of a result, by its number, and all that it was made from'],
  ['run', 'keep a run and all versions that it made or found'],
] as const;

/** Adds `weir pins` and its subcommands. */
export function addPins(program: Command, { runInProject }: CommandContext): void {
  const pins = program
    .command('pins')
    .description('list the versions and runs that no cleanup removes, newest first')
    .option('--all', 'also the pins that were withdrawn')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: PinsFlags) =>
      runInProject(flags, async (command) => {
        const { showPins } = await import('./run.ts');
        return showPins(command);
      }),
    );
  // What was said after "pins" holds for the subcommand too.
  const withOuter = <F extends ProjectFlags>(flags: F): F => ({ ...pins.opts<ProjectFlags>(), ...flags });
  for (const [kind, description] of PINNED)
    pins
      .command(`${kind} <${kind}>`)
      .description(description)
      .addOption(reasonOption())
      .addOption(byOption())
      .addOption(projectOption())
      .addOption(jsonOption())
      .action((id: string, flags: ChangeFlags) =>
        runInProject(withOuter(flags), async (command) => {
          const { addPin } = await import('./run.ts');
          return addPin({ kind, id }, command);
        }),
      );
  pins
    .command('withdraw <pin>')
    .description('withdraw a pin, which stays on record; what it kept may be removed from then on')
    .addOption(byOption())
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((pin: string, flags: WithdrawFlags) =>
      runInProject(withOuter(flags), async (command) => {
        const { withdrawPin } = await import('./run.ts');
        return withdrawPin(pin, command);
      }),
    );
}
