import { type RunDetail, routes, runDetail, startedRun } from '#api';
import { type Environment, loadConfig } from '../config.ts';
import { UsageError } from '../errors.ts';
import { pathsOf } from '../paths.ts';
import { maybeRunning } from '../server-file.ts';

const LOOK_AGAIN_MS = 250;

/** Starts a pipeline of the Weir that runs over this project, and waits. Exit code 0 succeeded or skipped, 1 otherwise. */
export async function runCommand(
  pipeline: string,
  { projectFolder, environment }: { readonly projectFolder: string; readonly environment: Environment },
): Promise<number> {
  const { state } = pathsOf(projectFolder, await loadConfig(projectFolder, environment));
  const url = await urlOf(state);
  const started = startedRun.parse(
    await call(url, { method: 'POST', path: routes.startRun.path.replace(':name', encodeURIComponent(pipeline)) }),
  );
  process.stdout.write(`run ${started.runId} of ${pipeline}\n`);
  const run = await ended(url, started.runId);
  for (const taskRun of run.taskRuns)
    process.stdout.write(
      `  ${taskRun.state.padEnd(10)} ${taskRun.task}${taskRun.reason ? `: ${taskRun.reason}` : ''}\n`,
    );
  process.stdout.write(`${run.state}${run.reason ? `: ${run.reason}` : ''}\n`);
  return run.state === 'succeeded' || run.state === 'skipped' ? 0 : 1;
}

async function urlOf(stateFolder: string): Promise<string> {
  const running = await maybeRunning(stateFolder);
  if (running !== undefined) return running.url;
  throw new UsageError(`Expected a running Weir over ${stateFolder}, and found none. Start it with: weir serve`);
}

async function ended(url: string, runId: string): Promise<RunDetail> {
  for (;;) {
    const run = runDetail.parse(await call(url, { method: 'GET', path: routes.run.path.replace(':id', runId) }));
    if (run.state !== 'queued' && run.state !== 'running') return run;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

async function call(
  url: string,
  { method, path: at }: { readonly method: string; readonly path: string },
): Promise<unknown> {
  const answer = await fetch(new URL(at, url), { method }).catch((error: unknown) => {
    throw new UsageError(`Weir does not answer at ${url}. Start it with: weir serve`, { cause: error });
  });
  const body: unknown = await answer.json();
  if (answer.ok) return body;
  const message =
    typeof body === 'object' && body !== null && 'message' in body
      ? String(body.message)
      : `it answered ${answer.status}`;
  throw new UsageError(message);
}
