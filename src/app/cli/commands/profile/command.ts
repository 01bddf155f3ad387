import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from '../../context.ts';
import {
  contractOption,
  delimiterOption,
  encodingOption,
  engineOption,
  jsonOption,
  projectOption,
  schemaOption,
} from '../../flags.ts';
import { formatOption } from '../../format-option.ts';
import type { ProfileFlags } from './run.ts';

/** Adds `weir profile`. */
export function addProfile(program: Command, { around, run }: CommandContext): void {
  program
    .command('profile <file>')
    .description(
      'summarise a file, or a folder or pattern of files: kinds, empty cells, ranges, frequent values, correlations',
    )
    .option('--html <file>', 'write the profile as one page of HTML')
    .option('--show-values', 'show frequent values on that page; they may be personal')
    .addOption(jsonOption())
    .option(
      '--compare <other>',
      'list the differences from another file, the reference; the exit code is that of a verdict: 0 none, 1 warn, 2 fail',
    )
    .addOption(
      threshold(
        '--index-warn',
        'stability index above which a column counts as distributed differently, 0.1 unless set',
      ),
    )
    .addOption(threshold('--index-fail', 'stability index above which that fails, 0.25 unless set'))
    .addOption(
      threshold('--nulls-warn', 'change of the share of empty cells from which on it counts, 0 to 1, 0.05 unless set'),
    )
    .addOption(
      threshold('--nulls-fail', 'change of the share of empty cells from which on that fails, 0 to 1, 0.25 unless set'),
    )
    .addOption(projectOption())
    .addOption(contractOption())
    .addOption(schemaOption())
    .addOption(engineOption())
    .option(
      '--work <folder>',
      'where --engine keeps unfinished work, at a path that the cluster sees too; the temporary folder unless set',
    )
    .addOption(encodingOption())
    .addOption(delimiterOption())
    .addOption(formatOption())
    .action((file: string, flags: ProfileFlags) =>
      run(async (running) => {
        const command = { flags, around, ...running };
        if (flags.engine !== undefined) return (await import('./on-engine.ts')).profileSet(file, command);
        return (await import('./run.ts')).profile(file, command);
      }),
    );
}

function threshold(flag: string, words: string): Option {
  return new Option(`${flag} <number>`, words).argParser((text) => {
    const number = text.trim() === '' ? Number.NaN : Number(text);
    if (number >= 0) return number;
    throw new InvalidArgumentError(`Expected a number of at least 0; got "${text}".`);
  });
}
