import { loadConfig } from '../../../project/load-config.ts';
import { pathsOf } from '../../../project/paths.ts';
import { withProject } from '../../../serve/open-project.ts';
import { maybeRunning } from '../../../serve/server-file.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { runHere, runThere } from '../../run-request.ts';
import { toText } from '../../run-summary.ts';
import { matchServer } from '../../server-project.ts';
import { type ParamFlags, parseRequest } from './parse-request.ts';

export interface RunFlags extends ProjectFlags, ParamFlags {
  readonly force?: boolean;
  readonly reload?: boolean;
}

/** Runs a pipeline, or goals, to the end, in the Weir that runs over the project or, when none does, in this process. */
export async function run(asked: readonly string[], options: InProject<RunFlags>): Promise<number> {
  const { projectFolder, environment, signal, json, print } = options;
  const request = await parseRequest(asked, options);
  const { state } = pathsOf(projectFolder, await loadConfig(projectFolder, environment));
  const running = await maybeRunning(state);
  if (running !== undefined) await matchServer(running, options);
  const summary =
    running === undefined
      ? await withProject('engine', options, (opened) => runHere(opened, { ...options, request }))
      : await runThere({ ...options, request, server: running });
  print(json ? `${JSON.stringify(summary)}\n` : toText(summary));
  if (signal.aborted) return EXIT_CODES.interrupted;
  return summary.state === 'succeeded' || summary.state === 'skipped' ? EXIT_CODES.done : EXIT_CODES.failed;
}
