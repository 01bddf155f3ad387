import type { Command } from 'commander';
import type { CommandContext, ProjectFlags } from '../../context.ts';
import {
  byOption,
  type ChangeFlags,
  jsonOption,
  projectOption,
  reasonOption,
  roleOption,
  wholeNumber,
} from '../../flags.ts';
import type { CreateFlags } from './run.ts';

const DAYS = 90;
const DAYS_MAX = 3_650;

/** Adds `weir keys` and its subcommands. */
export function addKeys(program: Command, { runInProject }: CommandContext): void {
  const keys = program
    .command('keys')
    .description('list the API keys of programs, newest first, with their role and last use')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: ProjectFlags) =>
      runInProject(flags, async (command) => {
        const { showKeys } = await import('./run.ts');
        return showKeys(command);
      }),
    );
  // What was said after "keys" holds for the subcommand too.
  const withOuter = <F extends ProjectFlags>(flags: F): F => ({ ...keys.opts<ProjectFlags>(), ...flags });
  keys
    .command('create')
    .argument('<name>', 'the program that will use it, for the record of its changes')
    .description('create an API key and print it; it is shown only once')
    .addOption(roleOption('what the key may do').makeOptionMandatory())
    .option('--days <days>', 'how long it is valid; 0 for ever', wholeNumber({ min: 0, max: DAYS_MAX }), DAYS)
    .addOption(reasonOption())
    .addOption(byOption())
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((name: string, flags: CreateFlags) =>
      runInProject(withOuter(flags), async (command) => {
        const { createKey } = await import('./run.ts');
        return createKey(name, command);
      }),
    );
  keys
    .command('revoke')
    .argument('<key>', 'prefix or id of an API key')
    .description('end an API key at once, on every server of the database; exit code 1 when it is revoked already')
    .addOption(reasonOption())
    .addOption(byOption())
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((key: string, flags: ChangeFlags) =>
      runInProject(withOuter(flags), async (command) => {
        const { revokeKey } = await import('./run.ts');
        return revokeKey(key, command);
      }),
    );
}
