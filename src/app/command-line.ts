import { readFile } from 'node:fs/promises';
import { Command, CommanderError } from 'commander';
import { addAccept } from './cli/commands/accept/command.ts';
import { addAcceptances } from './cli/commands/acceptances/command.ts';
import { addAlerts } from './cli/commands/alerts/command.ts';
import { addBackfill } from './cli/commands/backfill/command.ts';
import { addCancel } from './cli/commands/cancel/command.ts';
import { addCheck } from './cli/commands/check/command.ts';
import { addCorrupt } from './cli/commands/corrupt/command.ts';
import { addDatasets } from './cli/commands/datasets/command.ts';
import { addDeploy } from './cli/commands/deploy/command.ts';
import { addDrift } from './cli/commands/drift/command.ts';
import { addExplain } from './cli/commands/explain/command.ts';
import { addGc } from './cli/commands/gc/command.ts';
import { addGrafana } from './cli/commands/grafana/command.ts';
import { addIncidents } from './cli/commands/incidents/command.ts';
import { addIngest } from './cli/commands/ingest/command.ts';
import { addInit } from './cli/commands/init/command.ts';
import { addKeys } from './cli/commands/keys/command.ts';
import { addLabels } from './cli/commands/labels/command.ts';
import { addLogs } from './cli/commands/logs/command.ts';
import { addMigrate } from './cli/commands/migrate/command.ts';
import { addModels } from './cli/commands/models/command.ts';
import { addNative } from './cli/commands/native/command.ts';
import { addPauseAndResume } from './cli/commands/pause/command.ts';
import { addPins } from './cli/commands/pins/command.ts';
import { addPredict } from './cli/commands/predict/command.ts';
import { addProfile } from './cli/commands/profile/command.ts';
import { addResult } from './cli/commands/result/command.ts';
import { addRun } from './cli/commands/run/command.ts';
import { addRuns } from './cli/commands/runs/command.ts';
import { addScrub } from './cli/commands/scrub/command.ts';
import { addServe } from './cli/commands/serve/command.ts';
import { addSettings } from './cli/commands/settings/command.ts';
import { addShow } from './cli/commands/show/command.ts';
import { addSources } from './cli/commands/sources/command.ts';
import { addSplit } from './cli/commands/split/command.ts';
import { addUsers } from './cli/commands/users/command.ts';
import { addVerify } from './cli/commands/verify/command.ts';
import { addVersions } from './cli/commands/versions/command.ts';
import { addWorker } from './cli/commands/worker/command.ts';
import { addWorkers } from './cli/commands/workers/command.ts';
import type { CommandContext } from './cli/context.ts';
import { runToEnd } from './cli/ending.ts';
import { EXIT_CODES, exitCodeOf } from './cli/exit-codes.ts';
import type { Terminal } from './cli/terminal.ts';
import { errorText } from './project/error-text.ts';

/**
 * What adds each command, in the order of the help. The work of a command is loaded on demand: loading all would cost each
 * command a second.
 */
const COMMANDS: Readonly<Record<string, (program: Command, context: CommandContext) => void>> = {
  init: addInit,
  serve: addServe,
  worker: addWorker,
  workers: addWorkers,
  run: addRun,
  ingest: addIngest,
  predict: addPredict,
  runs: addRuns,
  logs: addLogs,
  cancel: addCancel,
  show: addShow,
  result: addResult,
  explain: addExplain,
  datasets: addDatasets,
  labels: addLabels,
  sources: addSources,
  backfill: addBackfill,
  pause: addPauseAndResume,
  models: addModels,
  drift: addDrift,
  alerts: addAlerts,
  keys: addKeys,
  users: addUsers,
  grafana: addGrafana,
  deploy: addDeploy,
  migrate: addMigrate,
  native: addNative,
  gc: addGc,
  scrub: addScrub,
  incidents: addIncidents,
  verify: addVerify,
  accept: addAccept,
  acceptances: addAcceptances,
  versions: addVersions,
  pins: addPins,
  check: addCheck,
  profile: addProfile,
  split: addSplit,
  corrupt: addCorrupt,
  settings: addSettings,
};

/** Runs one command and resolves to its exit code. Errors are printed on the terminal. */
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
  const version = program.version() ?? '';
  const openOptions: CommandContext['openOptions'] = (project) => ({
    ...{ projectFolder: project ?? projectFolder(), environment, version },
  });
  const run: CommandContext['run'] = async (work) => finish(await runToEnd(terminal, work));
  const context: CommandContext = {
    ...{ terminal, finish, openOptions, run, around: { environment, projectFolder, projectNamedBy } },
    runInProject: ({ project, ...flags }, work) =>
      run((running) => work({ ...flags, ...openOptions(project), ...running })),
  };
  addCommands(program, context, args[0]);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
    warn(`\n✖ ${await errorText(error)}\n`);
    return exitCodeOf(error);
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
    .showHelpAfterError('(see --help)');
}

/**
 * Adds every command, without its work: `docs/commands.md` lists them with their arguments and options. With the name that a
 * command line begins with, only that command, as all take 4 ms; where it is the name of none, all of them, for help and
 * suggestions.
 */
export function addCommands(program: Command, context: CommandContext, name?: string): void {
  const asked = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  for (const add of asked === undefined ? Object.values(COMMANDS) : [asked]) add(program, context);
}
