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

const LOOK_AGAIN_MS = 250;

/** Ctrl-C only stops the waiting: the run belongs to the Weir that runs it. */
export async function runThere({
  server,
  signal,
  show,
  request,
  force = false,
  shareOf,
}: RunRequest & { readonly server: CalledServer }): Promise<RunSummary> {
  const { pipeline: name, params } = request;
  const { runId } = await callApi(server, routes.startRun, { params: { name }, body: { params, force } });
  return show(`Running ${name}`, async (report) => {
    for (;;) {
      const found = await callApi(server, routes.run, { params: { id: runId } });
      if (found.endedAt !== null || signal.aborted) return toRunSummary(found);
      const ended = found.taskRuns.filter(({ endedAt }) => endedAt !== null).length;
      report((await shareOf?.(runId)) ?? ended / Math.max(1, found.taskRuns.length));
      await pause(LOOK_AGAIN_MS);
    }
  });
}

/** Ctrl-C cancels the run. What an ended process left goes on beside it. */
export async function runHere({ engine, wiring: { database } }: OpenedEngine, given: RunRequest): Promise<RunSummary> {
  const { signal, show, force = false, request, shareOf } = given;
  const { pipeline, params } = request;
  const asked = { params, force };
  const { runId } = await thenOnRecord(
    database,
    { action: 'startRun', target: `name=${pipeline}`, toAfter: ({ runId }) => ({ asked, answer: { runId } }) },
    () => engine.start({ ...request, trigger: 'manual', isForced: force }),
  );
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
