import { readFile } from 'node:fs/promises';
import { Command, CommanderError } from 'commander';
import { addCheck } from './commands/check.ts';
import type { CommandContext } from './commands/context.ts';
import { addCorrupt } from './commands/corrupt.ts';
import { EXIT_CODES } from './commands/ending.ts';
import { addExplain } from './commands/explain.ts';
import { addProfile } from './commands/profile.ts';
import { addResults } from './commands/results.ts';
import { addRun } from './commands/run.ts';
import { addSchedule } from './commands/schedule.ts';
import { addServe } from './commands/serve.ts';
import { addSources } from './commands/sources.ts';
import { addSplit } from './commands/split.ts';
import { explain } from './explain.ts';

// What a command does is loaded when it is called: to load all would cost each of them a second.
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
    .exitOverride()
    .showHelpAfterError('(--help says more)');
  const projectFolder = () => program.opts<{ project: string }>().project;
  const isProjectNamed = () => program.getOptionValueSource('project') === 'cli' || Boolean(process.env.WEIR_PROJECT);
  const around = { environment: process.env, projectFolder, isProjectNamed };
  const context: CommandContext = {
    version,
    openOptions: (project) => ({ projectFolder: project ?? projectFolder(), environment: process.env }),
    finish,
  };
  addServe(program, context);
  addRun(program, context);
  addExplain(program, context);
  addSources(program, context);
  addSchedule(program, context);
  addResults(program, context);
  addCheck(program, around, finish);
  addProfile(program, around, finish);
  addSplit(program, finish);
  addCorrupt(program, around, finish);
  await program.parseAsync();
}

function finish(exitCode: number): void {
  process.exitCode = exitCode;
}

main().catch((error: unknown) => {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : EXIT_CODES.usage);
  process.stderr.write(`\n✖ ${explain(error)}\n`);
  process.exit(1);
});
