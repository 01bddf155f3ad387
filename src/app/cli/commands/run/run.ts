import { routes } from '#api';
import { getRun, readRunProgress } from '#engine';
import { loadConfig } from '../../../project/config.ts';
import { pathsOf } from '../../../project/paths.ts';
import { openEngine } from '../../../serve/open-engine.ts';
import { withProject } from '../../../serve/open-project.ts';
import type { OpenOptions } from '../../../serve/open-state.ts';
import { maybeRunning } from '../../../serve/server-file.ts';
import type { StartedProject } from '../../../serve/start-project.ts';
import { EXIT_CODES } from '../../ending.ts';
import { type ToldRun, toText, toToldRun } from '../../run-summary.ts';
import { callApi } from './api-client.ts';
import { type ParamFlags, type PipelineRequest, parseRequest } from './parse-request.ts';

export interface RunOptions extends OpenOptions, ParamFlags {
  readonly version: string;
  readonly force?: boolean | undefined;
  readonly json?: boolean | undefined;
}

const LOOK_AGAIN_MS = 250;

interface Asked extends RunOptions {
  readonly request: PipelineRequest;
}

/** Runs a pipeline, or goals, to the end, in the Weir that runs over the project or, when none does, in this process. */
export async function run(asked: readonly string[], options: RunOptions): Promise<number> {
  const { projectFolder, environment, signal, json, print } = options;
  const request = await parseRequest(asked, options);
  const { state } = pathsOf(projectFolder, await loadConfig(projectFolder, environment));
  const running = await maybeRunning(state);
  const told =
    running === undefined
      ? await withProject(options, (project) => runHere({ ...options, request, project }))
      : await runThere({ ...options, request, url: running.url });
  print(json ? `${JSON.stringify(told)}\n` : toText(told));
  if (signal.aborted) return EXIT_CODES.interrupted;
  return told.state === 'succeeded' || told.state === 'skipped' ? EXIT_CODES.done : EXIT_CODES.failed;
}

/** Ctrl-C only stops the waiting: the run belongs to the Weir that runs it. */
async function runThere({
  url,
  signal,
  show,
  request,
  force = false,
}: Asked & { readonly url: string }): Promise<ToldRun> {
  const { pipeline: name, params } = request;
  const { runId } = await callApi(url, routes.startRun, { params: { name }, body: { params, force } });
  return show(`Running ${name}`, async (report) => {
    for (;;) {
      const found = await callApi(url, routes.run, { params: { id: runId } });
      if (found.endedAt !== null || signal.aborted) return toToldRun(found);
      report(found.taskRuns.filter(({ endedAt }) => endedAt !== null).length / Math.max(1, found.taskRuns.length));
      await pause(LOOK_AGAIN_MS);
    }
  });
}

/** Ctrl-C cancels the run. What an ended process left goes on beside it. */
async function runHere({ project, ...options }: Asked & { readonly project: StartedProject }) {
  const { signal, show, force, request } = options;
  const { database } = project.wiring;
  const engine = await openEngine(project, options);
  const { runId } = await engine.start({ ...request, trigger: 'manual', isForced: force });
  const cancel = (): void => void engine.cancel(runId, 'interrupted from the command line').catch(() => undefined);
  signal.addEventListener('abort', cancel);
  if (signal.aborted) cancel();
  const ended = engine.finished(runId);
  await show(`Running ${request.pipeline}`, async (report) => {
    const isEnded = ended.then(() => true);
    while (!(await Promise.race([isEnded, pause(LOOK_AGAIN_MS).then(() => false)]))) {
      const progress = await readRunProgress(database, runId);
      if (progress !== undefined && progress.taskRuns > 0) report(progress.ended / progress.taskRuns);
    }
  });
  signal.removeEventListener('abort', cancel);
  const record = await getRun(database, runId);
  if (record === undefined) throw new Error(`Run ${runId} has vanished.`);
  return toToldRun(record);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
