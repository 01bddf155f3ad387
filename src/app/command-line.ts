import { readFile } from 'node:fs/promises';
import { Command, CommanderError } from 'commander';
import { addSchedule } from './cli/commands/backfill/command.ts';
import { addCheck } from './cli/commands/check/command.ts';
import { addCorrupt } from './cli/commands/corrupt/command.ts';
import { addExplain } from './cli/commands/explain/command.ts';
import { addResults } from './cli/commands/gc/command.ts';
import { addProfile } from './cli/commands/profile/command.ts';
import { addRun } from './cli/commands/run/command.ts';
import { addRuns } from './cli/commands/runs/command.ts';
import { addServe } from './cli/commands/serve/command.ts';
import { addSources } from './cli/commands/sources/command.ts';
import { addSplit } from './cli/commands/split/command.ts';
import type { CommandContext } from './cli/context.ts';
import { EXIT_CODES, runToEnd } from './cli/ending.ts';
import type { Terminal } from './cli/terminal.ts';
import { explain } from './project/error-text.ts';

/** Runs one command and resolves with its exit code. Whatever goes wrong is told on the terminal. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const { environment, print, warn } = terminal;
  let exitCode: number = EXIT_CODES.done;
  const finish = (code: number): void => {
    exitCode = code;
  };
  const program = await createProgram(environment);
  program.configureOutput({ writeOut: print, writeErr: warn });
  const projectFolder = () => program.opts<{ project: string }>().project;
  const projectNamedBy = () => {
    if (program.getOptionValueSource('project') === 'cli') return 'flag';
    return environment.WEIR_PROJECT ? 'environment' : undefined;
  };
  addCommands(program, {
    ...{ version: program.version() ?? '', terminal, finish, around: { environment, projectFolder, projectNamedBy } },
    openOptions: (project) => ({ projectFolder: project ?? projectFolder(), environment }),
    run: async (work) => finish(await runToEnd(terminal, work)),
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
    warn(`\n✖ ${await explain(error)}\n`);
    return EXIT_CODES.failed;
  }
}

async function createProgram(environment: Terminal['environment']): Promise<Command> {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return new Command('weir')
    .description(
      'Machine learning in production: data checked, models trained and served, predictions and drift watched',
    )
    .version(version)
    .option('--project <folder>', 'folder of the project', environment.WEIR_PROJECT ?? '.')
    .exitOverride()
    .showHelpAfterError('(--help says more)');
}

// What a command does is loaded when it is called: to load all would cost each of them a second.
function addCommands(program: Command, context: CommandContext): void {
  addServe(program, context);
  addRun(program, context);
  addRuns(program, context);
  addExplain(program, context);
  addSources(program, context);
  addSchedule(program, context);
  addResults(program, context);
  addCheck(program, context);
  addProfile(program, context);
  addSplit(program, context);
  addCorrupt(program, context);
}
