import { type Command, Option } from 'commander';
import type { CommandContext } from '../../context.ts';
import { jsonOption, projectOption } from '../../flags.ts';
import type { PredictFlags } from './predict-flags.ts';

/** Adds `weir predict`. */
export function addPredict(program: Command, { runInProject }: CommandContext): void {
  program
    .command('predict <file>')
    .description(
      'predict the rows of a CSV, NDJSON or Parquet file, or of the files of a folder or pattern, store the predictions and write them; exit code 1 when rows were refused',
    )
    .addOption(
      new Option(
        '--out <path>',
        'where the result goes: a file, as CSV, NDJSON or Parquet by its ending, or for many files a folder; none unless set',
      ),
    )
    .addOption(new Option('--model-version <version>', 'a number, champion or challenger').default('champion'))
    .addOption(new Option('--no-store', 'store no predictions: only the result has them'))
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((file: string, flags: PredictFlags) =>
      runInProject(flags, async (command) => (await import('./run.ts')).predict(file, command)),
    );
}
