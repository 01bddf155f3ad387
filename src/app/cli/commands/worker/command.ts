import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { projectOption, wholeNumber } from '../../flags.ts';
import type { WorkerFlags } from './run.ts';

const SLOTS_MAX = 64;

/** Adds `weir worker`. */
export function addWorker(program: Command, { runInProject }: CommandContext): void {
  program
    .command('worker')
    .description('run task runs that a server with the executor remote sends out, on this machine')
    .option('--labels <names>', 'pools whose tasks it runs, and default for tasks without one; all unless given', names)
    .option(
      '--slots <number>',
      'how many at the same time; engine.slots unless given',
      wholeNumber({ min: 1, max: SLOTS_MAX }),
    )
    .addOption(projectOption())
    .action((flags: WorkerFlags) =>
      runInProject(flags, async (command) => (await import('./run.ts')).runWorker(command)),
    );
}

const names = (text: string): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
