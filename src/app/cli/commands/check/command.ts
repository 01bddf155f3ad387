import { type Command, Option } from 'commander';
import { contractReader } from '../../../project/contract-reader.ts';
import type { CommandContext } from '../../context.ts';
import {
  contractOption,
  delimiterOption,
  encodingOption,
  engineOption,
  environmentOption,
  jsonOption,
  projectOption,
  schemaOption,
} from '../../flags.ts';
import { formatOption } from '../../format-option.ts';
import type { CheckFlags } from './run.ts';

/** Adds `weir check`, which needs neither a database nor a running Weir. */
export function addCheck(program: Command, { around, run }: CommandContext): void {
  program
    .command('check <file>')
    .description(
      'check a file, or a folder or pattern of files, against a contract; exit code 0 pass, 1 warn, 2 fail, 3 quarantined or unreadable',
    )
    .addOption(projectOption())
    .addOption(contractOption())
    .addOption(schemaOption())
    .addOption(environmentOption())
    .option(
      '--with-label',
      "the file has the project's label column, as training data do; with --contract it always counts",
    )
    .option('--into <folder>', 'write good.csv, bad.csv, rejected.jsonl and report.html there')
    .option('--report <file>', 'write the report as one page of HTML')
    .option('--reference <name=file>', 'a dataset that the contract compares the file with; once for each', collect)
    .addOption(engineOption())
    .addOption(encodingOption())
    .addOption(jsonOption())
    .addOption(
      new Option('--suggest', 'print a contract that the file meets, to start from, and check nothing').conflicts([
        ...['contract', 'schema', 'environment', 'into', 'report', 'json', 'withLabel', 'reference', 'engine'],
      ]),
    )
    .addOption(delimiterOption())
    .addOption(formatOption())
    .action((file: string, flags: CheckFlags) =>
      run(async (running) => {
        const command = { flags, around, ...running };
        if (flags.suggest) return (await import('./suggest.ts')).suggest(file, command);
        if (flags.engine !== undefined) return (await import('./on-engine.ts')).checkSet(file, command);
        const [{ check }] = await Promise.all([import('./run.ts'), contractReader(flags.contract ?? '')?.load()]);
        return check(file, command);
      }),
    );
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
