import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import {
  beatWorker,
  type DeliveryService,
  type Executor,
  newestCodeBundle,
  processExecutor,
  removeWorker,
  serveDeliveries,
  type WorkerIdentity,
} from '#engine';
import { assertMigrated } from '#store';
import { runtimeOf } from '../project/project-code.ts';
import { assertCodeThere, fetchCode } from './code-bundle.ts';
import { openArtifacts } from './open-artifacts.ts';
import type { Opened } from './open-project.ts';
import { labelsOf, openTransport } from './open-remote.ts';
import { openWorkerCode } from './worker-code.ts';
import { childrenOf, withoutSecrets } from './worker-start.ts';

const BEAT_EVERY_MS = 2_000;
const MS_PER_SECOND = 1_000;

export interface WorkerOptions {
  readonly labels: readonly string[] | undefined;
  readonly slots: number | undefined;
}

/** A worker that takes task runs. */
export interface ServingWorker {
  readonly identity: WorkerIdentity;
  /** Resolves when somebody has asked it to drain. */
  readonly asked: Promise<void>;
  /** Takes nothing new, lets what runs end for the time of the settings, and ends everything. */
  stop(): Promise<void>;
}

/** Serves task runs of a project over the database and artifacts it shares with a `weir serve`. */
export async function serveWorker(opened: Opened['worker'], options: WorkerOptions): Promise<ServingWorker> {
  const { database, config, paths, version, log, stack } = opened;
  await assertMigrated(database);
  const warn = (message: string, error: unknown): void => log.warn({ err: error }, message);
  const runtime = await runtimeOf(paths.project, version);
  const identity: WorkerIdentity = {
    ...{ id: randomUUID(), name: `${os.hostname()}:${process.pid}`, version, runtime },
    labels: options.labels ?? labelsOf(config),
    slots: options.slots ?? config.engine.slots,
  };
  const transport = await openTransport({ database, config, runtime, warn });
  stack.push(() => transport.close());
  const executors = await openExecutors(opened, identity.slots);
  stack.push(() => executors.close());
  // The first delivery may come before it is there.
  let early: DeliveryService | undefined;
  const service = await serveDeliveries({
    ...{ database, transport, warn, labels: identity.labels, slots: identity.slots },
    executorOf: (code) => executors.of(code, early),
  });
  early = service;
  const beating = beatUntilStopped(opened, { identity, service, warn });
  stack.push(() => beating.stop());
  // First of all, so that it is seen how the last ones end.
  stack.push(() => service.drain(config.server.graceSeconds * MS_PER_SECOND));
  await beating.first;
  return { identity, asked: beating.asked, stop: () => stack.unwind() };
}

/** With the folder of its code, which goes when it is closed. */
interface OpenedExecutor {
  readonly executor: Executor;
  close(): Promise<void>;
}

interface Executors {
  of(code: string | undefined, service: DeliveryService | undefined): Promise<Executor>;
  close(): Promise<void>;
}

/** One executor for each code that a server has: after a change of the project, runs go on with the code they began with. */
async function openExecutors(opened: Opened['worker'], slots: number): Promise<Executors> {
  const { database, config, paths, environment, databaseUrl, apiUrl } = opened;
  const artifacts = await openArtifacts(config, paths);
  const newest = await newestCodeBundle(database);
  if (newest !== undefined) await assertCodeThere(newest, { artifacts, paths });
  const workerCode = await openWorkerCode(paths.workerCode);
  const known = new Map<string, Promise<OpenedExecutor>>();
  const open = async (code: string): Promise<OpenedExecutor> => {
    const folder = await workerCode.folderFor(code);
    const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
    try {
      const files = await fetchCode(code, { artifacts, paths, folder });
      const start = { projectFolder: paths.project, config: withoutSecrets(config), ...files, databaseUrl, apiUrl };
      const executor = processExecutor({ ...childrenOf({ config, environment, start }), slots });
      return { executor, close: () => executor.close().finally(remove) };
    } catch (error) {
      await remove();
      throw error;
    }
  };
  const closeUnused = async (service: DeliveryService): Promise<void> => {
    const used = new Set(service.running().map(({ delivery }) => delivery.code));
    const unused = [...known].filter(([code]) => !used.has(code));
    for (const [code] of unused) known.delete(code);
    for (const [, opened] of unused) await opened.then((each) => each.close()).catch(() => undefined);
  };
  return {
    of: async (code = '', service) => {
      let opening = known.get(code);
      if (opening === undefined) {
        // Until it is there, it is not known what runs.
        if (service !== undefined) void closeUnused(service);
        opening = open(code);
        known.set(code, opening);
        // It is fetched again for the next delivery.
        opening.catch(() => known.delete(code));
      }
      return (await opening).executor;
    },
    close: async () => {
      for (const opened of known.values()) await opened.then((each) => each.close()).catch(() => undefined);
      await workerCode.close();
    },
  };
}

interface Beating {
  readonly identity: WorkerIdentity;
  readonly service: DeliveryService;
  readonly warn: (message: string, error: unknown) => void;
}

/** Says what the worker does, as long as it lives. */
function beatUntilStopped({ database }: Opened['worker'], { identity, service, warn }: Beating) {
  let drain: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    drain = resolve;
  });
  const beat = async (): Promise<void> => {
    const running = service.running().map(({ delivery: { assignments }, since }) => ({
      task: assignments[0]?.task ?? '',
      runId: assignments[0]?.runId ?? '',
      goals: assignments.length,
      since: since.toISOString(),
    }));
    try {
      if (await beatWorker(database, { ...identity, running, ended: service.ended() })) drain();
    } catch (error) {
      warn('The heartbeat of the worker failed', error);
    }
  };
  const timer = setInterval(() => void beat(), BEAT_EVERY_MS);
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    // One that stays is shown as silent, and removed later.
    await removeWorker(database, identity.id).catch(() => undefined);
  };
  return { first: beat(), asked, stop };
}
