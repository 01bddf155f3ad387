import { routes } from '#api';
import { EngineError, getRun, readRunProgress } from '#engine';
import { loadConfig } from '../../../project/load-config.ts';
import { pathsOf } from '../../../project/paths.ts';
import { withProject } from '../../../serve/open-project.ts';
import { maybeRunning } from '../../../serve/server-file.ts';
import type { OpenedEngine } from '../../../serve/start-engine.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { type RunSummary, toRunSummary, toText } from '../../run-summary.ts';
import { callApi } from './api-client.ts';
import { type ParamFlags, type PipelineRequest, parseRequest } from './parse-request.ts';

export interface RunFlags extends ProjectFlags, ParamFlags {
  readonly force?: boolean;
}

const LOOK_AGAIN_MS = 250;

interface Asked extends InProject<RunFlags> {
  readonly request: PipelineRequest;
}

/** Runs a pipeline, or goals, to the end, in the Weir that runs over the project or, when none does, in this process. */
export async function run(asked: readonly string[], options: InProject<RunFlags>): Promise<number> {
  const { projectFolder, environment, signal, json, print } = options;
  const request = await parseRequest(asked, options);
  const { state } = pathsOf(projectFolder, await loadConfig(projectFolder, environment));
  const running = await maybeRunning(state);
  const summary =
    running === undefined
      ? await withProject('engine', options, (opened) => runHere(opened, { ...options, request }))
      : await runThere({ ...options, request, url: running.url });
  print(json ? `${JSON.stringify(summary)}\n` : toText(summary));
  if (signal.aborted) return EXIT_CODES.interrupted;
  return summary.state === 'succeeded' || summary.state === 'skipped' ? EXIT_CODES.done : EXIT_CODES.failed;
}

/** Ctrl-C only stops the waiting: the run belongs to the Weir that runs it. */
async function runThere({
  url,
  signal,
  show,
  request,
  force = false,
}: Asked & { readonly url: string }): Promise<RunSummary> {
  const { pipeline: name, params } = request;
  const { runId } = await callApi(url, routes.startRun, { params: { name }, body: { params, force } });
  return show(`Running ${name}`, async (report) => {
    for (;;) {
      const found = await callApi(url, routes.run, { params: { id: runId } });
      if (found.endedAt !== null || signal.aborted) return toRunSummary(found);
      report(found.taskRuns.filter(({ endedAt }) => endedAt !== null).length / Math.max(1, found.taskRuns.length));
      await pause(LOOK_AGAIN_MS);
    }
  });
}

/** Ctrl-C cancels the run. What an ended process left goes on beside it. */
async function runHere({ engine, wiring: { database } }: OpenedEngine, asked: Asked): Promise<RunSummary> {
  const { signal, show, force = false, request } = asked;
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
  if (record === undefined) throw new EngineError('run_lost', `Run ${runId} was deleted while it ran.`);
  return toRunSummary(record);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
