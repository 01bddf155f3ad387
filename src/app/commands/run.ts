import type { Command } from 'commander';
import type { CommandContext } from './context.ts';
import { jsonOption, projectOption } from './file-flags.ts';

/** Adds `weir run`. */
export function addRun(program: Command, { openOptions, version, run }: CommandContext): void {
  program
    .command('run <pipeline>')
    .description('run a pipeline to its end; exit code 0 succeeded or skipped, 1 failed or cancelled')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((pipeline: string, { project, json }: { project?: string; json?: boolean }) =>
      run(async (running) => {
        const { run } = await import('../actions/run.ts');
        return run(pipeline, { ...openOptions(project), ...running, version, json });
      }),
    );
}
