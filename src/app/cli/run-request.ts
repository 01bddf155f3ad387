import { routes } from '#api';
import { EngineError, getRun, type Params, readRunProgress } from '#engine';
import type { OpenedEngine } from '../serve/start-engine.ts';
import { type CalledServer, callApi } from './api-client.ts';
import { thenOnRecord } from './on-record.ts';
import { type RunSummary, toRunSummary } from './run-summary.ts';
import type { Running } from './terminal.ts';

/** A pipeline and its params. */
export interface PipelineRequest {
  readonly pipeline: string;
  readonly params: Params;
}

interface RunRequest extends Pick<Running, 'signal' | 'show'> {
  readonly request: PipelineRequest;
  readonly force?: boolean;
  /** The share that is done, where more is known than how many tasks have ended. */
  readonly shareOf?: (runId: string) => Promise<number>;
}

interface Following extends Omit<RunRequest, 'request' | 'force'> {
  readonly request: Pick<PipelineRequest, 'pipeline'>;
}

const LOOK_AGAIN_MS = 250;

interface There {
  readonly server: CalledServer;
}

/** Creates a run in the Weir that runs over the project, and follows it. */
export async function runThere(given: RunRequest & There): Promise<RunSummary> {
  return followThere((await startThere(given)).runId, given);
}

/** Creates a run in the Weir that runs over the project. */
export async function startThere({
  server,
  request: { pipeline: name, params },
  force = false,
}: Pick<RunRequest, 'request' | 'force'> & There): Promise<{ readonly runId: string }> {
  return callApi(server, routes.startRun, { params: { name }, body: { params, force } });
}

/** Ctrl-C only stops the waiting: the run belongs to the Weir that runs it. */
export async function followThere(
  runId: string,
  { server, signal, show, request, shareOf }: Following & There,
): Promise<RunSummary> {
  return show(`Running ${request.pipeline}`, async (report) => {
    for (;;) {
      const found = await callApi(server, routes.run, { params: { id: runId } });
      if (found.endedAt !== null || signal.aborted) return toRunSummary(found);
      const ended = found.taskRuns.filter(({ endedAt }) => endedAt !== null).length;
      report((await shareOf?.(runId)) ?? ended / Math.max(1, found.taskRuns.length));
      await pause(LOOK_AGAIN_MS);
    }
  });
}

/** Creates a run in this process, and follows it. What an ended process left goes on beside it. */
export async function runHere(opened: OpenedEngine, given: RunRequest): Promise<RunSummary> {
  return followHere(opened, (await startHere(opened, given)).runId, given);
}

/** Creates a run in this process. */
export async function startHere(
  { engine, wiring: { database } }: OpenedEngine,
  { request, force = false }: Pick<RunRequest, 'request' | 'force'>,
): Promise<{ readonly runId: string }> {
  const { pipeline, params } = request;
  const asked = { params, force };
  return thenOnRecord(
    database,
    { action: 'startRun', target: `name=${pipeline}`, toAfter: ({ runId }) => ({ asked, answer: { runId } }) },
    () => engine.start({ ...request, trigger: 'manual', isForced: force }),
  );
}

/** Ctrl-C cancels the run. */
export async function followHere(
  { engine, wiring: { database } }: OpenedEngine,
  runId: string,
  { signal, show, request, shareOf }: Following,
): Promise<RunSummary> {
  const cancel = (): void => void engine.cancel(runId, 'interrupted from the command line').catch(() => undefined);
  signal.addEventListener('abort', cancel);
  if (signal.aborted) cancel();
  const ended = engine.finished(runId);
  await show(`Running ${request.pipeline}`, async (report) => {
    const isEnded = ended.then(() => true);
    while (!(await Promise.race([isEnded, pause(LOOK_AGAIN_MS).then(() => false)]))) {
      const progress = await readRunProgress(database, runId);
      if (progress !== undefined && progress.taskRuns > 0)
        report((await shareOf?.(runId)) ?? progress.ended / progress.taskRuns);
    }
  });
  signal.removeEventListener('abort', cancel);
  const record = await getRun(database, runId);
  if (record === undefined) throw new EngineError('run_lost', `Run ${runId} was deleted while it ran.`);
  return toRunSummary(record);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
