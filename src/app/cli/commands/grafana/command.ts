import { type Command, Option } from 'commander';
import type { CommandContext, ProjectFlags } from '../../context.ts';
import { jsonOption, projectOption } from '../../flags.ts';
import type { AllowFlags, ExportFlags } from './run.ts';

/** Kinds of contact points; loading the part that has them would cost each command a second. A test proves them equal. */
export const CONTACT_POINT_NAMES = ['teams', 'slack', 'pagerduty', 'webhook', 'mail'] as const;

/** Adds `weir grafana` and its subcommands. */
export function addGrafana(program: Command, { runInProject }: CommandContext): void {
  const grafana = program.command('grafana').description('files and access for a Grafana that shows the project');
  grafana
    .command('export')
    .description('write dashboards, data source and alerting of the project as files that Grafana provisions')
    .requiredOption('--into <folder>', 'folder to write; files of an earlier export there are replaced')
    .option('--mounted-at <path>', 'where Grafana finds that folder', '/etc/grafana/weir')
    .addOption(
      new Option(
        '--contact-points <kinds...>',
        'also contact points; their secrets are variables of the environment of Grafana',
      ).choices(CONTACT_POINT_NAMES),
    )
    .option('--policies', 'also notification policies to these contact points; in Grafana they replace all others')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: ExportFlags) =>
      runInProject(flags, async (command) => (await import('./run.ts')).exportFiles(command)),
    );
  grafana
    .command('allow')
    .description('let Grafana log in to the database, as a role that reads the documented tables')
    .requiredOption('--password-file <file>', 'file with the password: its first line')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: AllowFlags) => runInProject(flags, async (command) => (await import('./run.ts')).allow(command)));
  grafana
    .command('deny')
    .description('let Grafana no longer log in to the database, and end its connections')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action((flags: ProjectFlags) => runInProject(flags, async (command) => (await import('./run.ts')).deny(command)));
}
