import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { jsonOption, projectOption, wholeNumber } from '../../flags.ts';
import type { VerifyFlags } from './run.ts';

const SAMPLE_MAX = 100_000;

/** Adds `weir verify`. */
export function addVerify(program: Command, { runInProject }: CommandContext): void {
  program
    .command('verify <task>')
    .description('run some goals of a task again, keep nothing, and compare; exit code 1 when any differs')
    .option('--sample <number>', 'how many goals', wholeNumber({ min: 1, max: SAMPLE_MAX }), 10)
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((task: string, flags: VerifyFlags) =>
      runInProject(flags, async (command) => {
        const { verify } = await import('./run.ts');
        return verify(task, command);
      }),
    );
}
