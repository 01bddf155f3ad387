import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { jsonOption, projectOption } from '../../flags.ts';
import type { RunFlags } from './run.ts';

const EXAMPLES = `
A name alone is a pipeline; goals have parentheses:
  weir run nightly --param day=2026-01-31 --param 'books=["dawn","dusk"]'
  weir run 'count-words(book="dawn")' 'count-words(book="dusk")' --force
A value that is no JSON is text. Wrong params are answered with those that the pipeline takes.`;

/** Adds `weir run`. */
export function addRun(program: Command, { runInProject }: CommandContext): void {
  program
    .command('run <pipeline-or-goals...>')
    .description('run a pipeline, or single goals, to the end; exit code 0 succeeded or skipped, 1 failed or cancelled')
    .option('--param <name=value>', 'a param; once for each', collect)
    .option('--params <json>', 'params as one JSON object, or @file')
    .option('--force', 'compute the goals although results stand; what they need is used as it is')
    .option('--reload', 'with a running server: have it load a changed project first, or fail')
    .addOption(projectOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action((asked: readonly string[], flags: RunFlags) =>
      runInProject(flags, async (command) => {
        const { run } = await import('./run.ts');
        return run(asked, command);
      }),
    );
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
