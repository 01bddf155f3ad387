import { setTimeout as delay } from 'node:timers/promises';
import { maybeFirstAdminText, maybeWarning } from './access.ts';
import { type Opened, type OpenOptions, openProject } from './open-project.ts';
import { showSteps } from './progress.ts';
import { removeServerFile } from './server-file.ts';
import { startFirstRuns, trainFirstModel } from './work.ts';

const MS_PER_SECOND = 1000;
/** What else has to end at a stop: runs, alerts being sent, the database. */
const REST_MS_MAX = 20_000;

export interface ServeOptions extends Omit<OpenOptions, 'show'> {
  readonly print: (text: string) => void;
}

/** A running Weir. */
export interface Serving {
  readonly url: string;
  /**
   * Says at once that it is not ready, goes on to answer for the time of the settings, then lets requests and runs in
   * progress end, and ends everything it started, children and database included.
   */
  stop(): Promise<void>;
  /** How long a stop may take by the settings. */
  readonly stopMsMax: number;
}

/**
 * Starts everything for one project: database, API and web app, a first model when there is none, and the schedules.
 * Resolves when it can be used. An aborted signal ends a start in progress, with nothing left running.
 */
export async function serve({ print, ...options }: ServeOptions): Promise<Serving> {
  const show = showSteps(print);
  const opened = await openProject('server', { ...options, show });
  const { apiUrl, stack } = opened;
  try {
    await begin(opened, { ...options, show });
    await sayWhoMayUse(opened, { print, warn: options.warn });
    if (!opened.leadership.isLeading())
      print('  Another server on this database leads; this one answers, and takes over when that one is gone.\n');
    const { drainSeconds, graceSeconds } = opened.config.server;
    const stop = async (): Promise<void> => {
      opened.server.drain();
      await delay(drainSeconds * MS_PER_SECOND);
      await stack.unwind();
    };
    return { url: apiUrl, stop, stopMsMax: (drainSeconds + graceSeconds) * MS_PER_SECOND + REST_MS_MAX };
  } catch (error) {
    await stack.unwind();
    throw error;
  }
}

async function begin(opened: Opened['server'], { signal, show, warn }: OpenOptions): Promise<void> {
  const { recover, reloader, stack, paths, config, log, leadership } = opened;
  await recover();
  // A worker on this machine finds the database by what the reloader records.
  const isElsewhere = config.engine.executor === 'remote';
  if (!isElsewhere && leadership.isLeading()) await untilAborted(signal, trainFirstModel({ ...opened, show, warn }));
  // As long as this process owns the state, a command that finds the file asks it instead of being refused the state.
  stack.push(() => removeServerFile(paths.state));
  // Ends before the server does, so that the pages still show how runs end.
  stack.push(() => reloader.close());
  await reloader.start();
  if (isElsewhere && leadership.isLeading()) {
    const train = <T>(_: string, work: () => Promise<T>): Promise<T> => work();
    trainFirstModel({ ...opened, show: train, warn: (text) => log.warn(text.trim()) }).catch((error: unknown) =>
      log.warn({ err: error }, 'the first model was not trained'),
    );
  }
  if (leadership.isLeading()) startFirstRuns(opened);
  signal.throwIfAborted();
}

/** On a network: how the first admin logs in, and what can be read on the way. */
async function sayWhoMayUse(
  { config, apiUrl, wiring }: Opened['server'],
  { print, warn }: Pick<ServeOptions, 'print' | 'warn'>,
): Promise<void> {
  const warning = maybeWarning(config);
  if (warning !== undefined) warn(warning);
  const text = await maybeFirstAdminText(config, { database: wiring.database, url: apiUrl });
  if (text !== undefined) print(text);
}

/** Stops waiting when the signal aborts; unwinding ends the work itself. */
async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // Errors during unwinding are ignored.
  work.catch(() => undefined);
  return Promise.race([work, aborted]);
}
