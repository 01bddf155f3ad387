import type { Command } from 'commander';
import type { CommandContext } from '../../context.ts';
import { jsonOption, projectOption } from '../../flags.ts';
import type { DeployFlags } from './run.ts';

/** Adds `weir deploy` and its subcommand. */
export function addDeploy(program: Command, { runInProject }: CommandContext): void {
  const deploy = program.command('deploy').description('files that run the project in containers, on many machines');
  deploy
    .command('export')
    .description(
      'write a Dockerfile, a compose file, Kubernetes manifests, GitHub workflows and a ruleset for the project; a file that is there and differs is left as it is',
    )
    .option('--into <folder>', 'folder to write; unless given, that of the package.json')
    .option('--image <name>', 'name of the image in its registry', 'ghcr.io/<owner>/<project>')
    .option(
      '--workers <labels>',
      'a group of workers that serves these pools, and default for tasks without one, such as gpu or default,io; once for each group; one group that serves all unless given',
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option('--force', 'write over files that are there and differ')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: DeployFlags) =>
      runInProject(flags, async (command) => {
        const { exportDeployment } = await import('./run.ts');
        return exportDeployment(command);
      }),
    );
}
