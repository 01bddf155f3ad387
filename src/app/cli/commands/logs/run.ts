import {
  describeGoal,
  getRun,
  type LogRecord,
  newLogLines,
  RUNS_CHANNEL,
  type RunLogs,
  type RunState,
  readRunLogs,
} from '#engine';
import type { Database } from '#store';
import { UsageError } from '../../../project/errors.ts';
import { withProject } from '../../../serve/open-project.ts';
import { chooseTaskRuns } from '../../choose-task-runs.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';

export interface LogsFlags extends ProjectFlags {
  readonly follow?: boolean;
}

interface LogsCommand extends InProject<LogsFlags> {
  readonly runId: string;
  /** A task, a goal, or the first digits of its identity. */
  readonly taskRun: string | undefined;
}

/** Changes are notified; missed ones are seen after this time. */
const LOOK_AGAIN_MS = 2_000;

/** Prints what the attempts of a run have logged; with `follow` until the run has ended. */
export function showLogs(options: LogsCommand): Promise<number> {
  return withProject('records', options, async ({ database }) => {
    const goals = await goalsOf(database, options);
    const look = async (): Promise<RunLogs> =>
      (await readRunLogs(database, options.runId, goals)) ?? Promise.reject(unknownRun(options.runId));
    if (options.follow !== true) {
      const { state, logs } = await look();
      const { runId } = options;
      options.print(options.json ? `${JSON.stringify({ runId, state, logs })}\n` : toText(logs, options));
      return EXIT_CODES.done;
    }
    return follow(look, { ...options, database });
  });
}

async function goalsOf(database: Database, { runId, taskRun }: LogsCommand): Promise<readonly string[] | undefined> {
  if (taskRun === undefined) return undefined;
  const run = await getRun(database, runId);
  if (run === undefined) throw unknownRun(runId);
  return chooseTaskRuns(run.taskRuns, { runId, text: taskRun }).map(({ goal }) => goal);
}

const unknownRun = (runId: string): UsageError =>
  new UsageError('run_unknown', `There is no run ${runId}. List those there are with: weir runs`);

function toText(logs: readonly LogRecord[], { runId }: LogsCommand): string {
  const printer = new LogPrinter();
  const logged = logs.filter(({ log, error }) => log !== '' || error !== null);
  return logged.map((record) => printer.added(record)).join('') || `No attempt of run ${runId} has logged anything\n`;
}

async function follow(
  look: () => Promise<RunLogs>,
  { database, runId, signal, print, warn, json }: LogsCommand & { readonly database: Database },
): Promise<number> {
  let wake = (): void => undefined;
  const unlisten = await database.listen(RUNS_CHANNEL, (id) => id === runId && wake());
  signal.addEventListener('abort', () => wake());
  const printer = new LogPrinter();
  try {
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const { state, isDriven, logs } = await look();
      for (const record of logs) print(json ? printer.addedAsJson(record) : printer.added(record));
      if (isOver(state)) return EXIT_CODES.done;
      if (signal.aborted) return EXIT_CODES.interrupted;
      if (!isDriven) {
        warn(`Run ${runId} is ${state}, and no process works on it. Start Weir to resume it: weir serve\n`);
        return EXIT_CODES.failed;
      }
      await wait(woken, LOOK_AGAIN_MS);
    }
  } finally {
    await unlisten();
  }
}

const isOver = (state: RunState): boolean => state !== 'queued' && state !== 'running';

async function wait(woken: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([woken, late]);
  clearTimeout(timer);
}

/** Prints new log lines of each attempt, under the name of its goal. */
class LogPrinter {
  readonly #printed = new Map<string, string>();
  /** The attempt whose name was printed last. */
  #current = '';

  added(record: LogRecord): string {
    const lines = this.#newLines(record);
    if (lines.length === 0) return '';
    const attempt = `${record.goal} ${record.number}`;
    const head = this.#current === attempt ? '' : `${describeGoal(record)}, attempt ${record.number}\n`;
    this.#current = attempt;
    return printable(`${head}${lines.map((line) => `  ${line}\n`).join('')}`);
  }

  /** One JSON object per line, with `follow`. */
  addedAsJson(record: LogRecord): string {
    const lines = this.#newLines(record);
    const { goal, task, params, number, outcome } = record;
    return lines.length === 0 ? '' : `${JSON.stringify({ goal, task, params, attempt: number, outcome, lines })}\n`;
  }

  #newLines({ goal, number, log, outcome, error }: LogRecord): readonly string[] {
    const attempt = `${goal} ${number}`;
    const before = this.#printed.get(attempt) ?? '';
    // An error is printed once, when the attempt has ended with it.
    const ending = outcome === null || error === null ? '' : `[${outcome}] ${error.name}: ${error.message}`;
    const after = [log, ending].filter((text) => text !== '').join('\n');
    this.#printed.set(attempt, after);
    return newLogLines(before, after);
  }
}
