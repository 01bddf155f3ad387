import type { LoginsEffects } from '#access';
import type { LoadedState, Server, ServerReach, ServerReload } from '#server';
import { errorText } from '../project/error-text.ts';
import { configFiles } from '../project/load-config.ts';
import { localFoldersOf } from '../project/paths.ts';
import type { OwnKeys } from './access.ts';
import type { Leadership } from './leadership.ts';
import { digestsOfFiles } from './loaded-files.ts';
import { type ReopenOptions, reopenProject } from './reopen-project.ts';
import { writeServerFile } from './server-file.ts';
import type { OpenedEngine } from './start-engine.ts';
import { toServerOptions } from './start-server.ts';
import type { Unwinding } from './unwinding.ts';
import { watchProject } from './watch-project.ts';
import { startWork, trainFirstModel, type Work } from './work.ts';

export interface ReloaderOptions extends ReopenOptions {
  readonly version: string;
  readonly reach: ServerReach;
  readonly ownKeys: OwnKeys;
  readonly loginEffects: LoginsEffects;
  readonly leadership: Leadership;
}

/** How many earlier loads may still have runs; a change waits until one of them has ended. */
const DRAINING_MAX = 3;

/**
 * Keeps a server at the project on disk. A changed project is loaded beside the one that runs; when that succeeds, new
 * requests and ticks go to it, and the earlier one ends when its runs have:
 *
 *   current --change, loads--------> draining --runs and requests ended--> closed
 *   current --change, cannot load--> current, with a problem until a later change loads
 */
export class Reloader implements ServerReload {
  readonly #options: ReloaderOptions;
  /** What ends the current load; on the stack of the process, below the server. */
  readonly #slot: Unwinding;
  readonly #draining = new Map<Work, Promise<void>>();
  #current: OpenedEngine;
  #server: Server | undefined;
  #work: Work | undefined;
  #loadedAt = new Date();
  #problem: LoadedState['problem'] = null;
  #stopWatching: () => void = () => undefined;
  #looking: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #isClosed = false;

  constructor(opened: OpenedEngine, options: ReloaderOptions) {
    this.#options = options;
    this.#current = opened;
    this.#slot = opened.own;
  }

  serveOver(server: Server): void {
    this.#server = server;
  }

  /** Starts the work of the project, and from then on looks for changes. */
  async start(): Promise<void> {
    this.#work = startWork(this.#current, this.#options.leadership);
    await this.#record();
    if (this.#isWatching) void this.#look();
  }

  state(): LoadedState {
    return { loadedAt: this.#loadedAt, isWatching: this.#isWatching, problem: this.#problem };
  }

  async reload(): Promise<LoadedState> {
    await this.#look();
    return this.state();
  }

  /** Ends the work of every load, within the time that runs have at a stop. */
  async close(): Promise<void> {
    this.#isClosed = true;
    // A look may wait for one of the earlier ones, or make another the current one.
    await Promise.all([this.#work?.stop(), ...[...this.#draining.keys()].map((work) => work.stop())]);
    await this.#looking;
    this.#stopWatching();
    await this.#work?.stop();
    await Promise.all(this.#draining.values());
  }

  get #isWatching(): boolean {
    return this.#current.config.server.reload;
  }

  /** Looks once after now; calls while a look waits for its turn share it. */
  #look(): Promise<void> {
    this.#next ??= this.#looking.then(() => {
      this.#next = undefined;
      this.#looking = this.#lookOnce();
      return this.#looking;
    });
    return this.#next;
  }

  async #lookOnce(): Promise<void> {
    if (this.#isClosed) return;
    try {
      // Before the files are read, so that no change falls between.
      await this.#watch();
      if (this.#draining.size >= DRAINING_MAX) await this.#waitForDraining();
      if (this.#isClosed) return;
      const next = await reopenProject(this.#current, this.#options);
      if (next !== undefined) await this.#replaceBy(next);
      this.#problem = null;
    } catch (error) {
      await this.#refuse(error);
    }
  }

  async #refuse(error: unknown): Promise<void> {
    const message = await errorText(error);
    this.#problem = { message, at: new Date() };
    this.#current.log.error({ problem: message }, 'the changed project cannot be loaded; the one before goes on');
  }

  async #replaceBy(next: OpenedEngine): Promise<void> {
    const { version, environment, reach, ownKeys, loginEffects, leadership } = this.#options;
    const replaceRoutes = await this.#server
      ?.prepare(toServerOptions({ ...next, version, environment, reach, ownKeys, loginEffects, reload: this }))
      .catch(async (error: unknown) => {
        await next.own.unwind();
        throw error;
      });
    const [old, oldWork] = [this.#current, this.#work];
    const answered = replaceRoutes?.();
    this.#current = next;
    this.#loadedAt = new Date();
    const oldSteps = this.#slot.take();
    this.#slot.push(() => next.own.unwind());
    // Both would follow the schedules of the pipelines that they have in common, with other expressions perhaps.
    await old.engine.unfollow();
    const warn = (error: unknown): void => next.log.warn({ err: error }, 'after a change of the project');
    await next.engine.recover().catch(warn);
    this.#work = startWork(next, leadership);
    if (oldWork !== undefined) this.#drain(oldWork, { answered, steps: oldSteps });
    await this.#record().catch(warn);
    next.log.info('the changed project is loaded');
    const show = <T>(_: string, train: () => Promise<T>): Promise<T> => train();
    if (leadership.isLeading())
      void trainFirstModel({ ...next, show, warn: (text) => next.log.warn(text.trim()) }).catch(warn);
  }

  /** Runs in progress end with the code that they began with, however long they take. */
  #drain(
    work: Work,
    { answered, steps }: { readonly answered?: Promise<void> | undefined; readonly steps: Unwinding },
  ) {
    const end = async (): Promise<void> => {
      await answered;
      await work.stop(Number.POSITIVE_INFINITY);
      await steps.unwind();
    };
    const draining = end()
      .catch((error: unknown) =>
        this.#current.log.warn({ err: error }, 'an earlier load of the project did not end cleanly'),
      )
      .finally(() => this.#draining.delete(work));
    this.#draining.set(work, draining);
  }

  async #waitForDraining(): Promise<void> {
    const message = `The project has changed. It is loaded when runs of one of the ${DRAINING_MAX} earlier versions have ended.`;
    this.#problem = { message, at: new Date() };
    await Promise.race(this.#draining.values());
  }

  async #watch(): Promise<void> {
    if (!this.#isWatching) return;
    this.#stopWatching();
    const { paths, files, log } = this.#current;
    this.#stopWatching = await watchProject({
      ...{ project: paths.project, skipped: [paths.state, ...localFoldersOf(paths)], files },
      onChange: () => void this.#look(),
      onError: (error) => log.warn({ err: error }, 'a folder of the project cannot be watched for changes'),
    });
  }

  /** For commands beside this process. */
  async #record(): Promise<void> {
    const { paths, apiUrl, databaseUrl, files } = this.#current;
    const all = [...files, ...configFiles(paths.project, this.#options.environment)];
    const { ownerKey } = this.#options.ownKeys;
    const key = ownerKey === undefined ? {} : { key: ownerKey };
    await writeServerFile(paths.state, { ...key, url: apiUrl, databaseUrl, files: await digestsOfFiles(all) });
  }
}
