import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Postmaster } from '../../../src/store/postgres/embedded/postmaster.ts';
import { Supervisor, type SupervisorEffects } from '../../../src/store/postgres/embedded/supervisor.ts';

const MINUTE_MS = 60_000;
const PORT = 4711;

/** Servers that live as long as the test says, over a clock of its own; a pause is over at once. */
function createWorld(lives: (number | Error)[]) {
  const pauses: number[] = [];
  const messages: string[] = [];
  const starts: number[] = [];
  const stopped: number[] = [];
  let clockMs = 0;
  const server = (): Postmaster & { readonly end: () => void } => {
    const lifeMs = lives.shift();
    if (lifeMs instanceof Error) throw lifeMs;
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    return {
      ...{ pid: starts.length, port: PORT, isAdopted: false, end },
      // Its life begins when somebody waits for its end; the last one does not end by itself.
      get gone() {
        if (lifeMs === undefined) return ended;
        clockMs += lifeMs;
        return Promise.resolve();
      },
    };
  };
  let newest = server();
  const effects: SupervisorEffects = {
    start: async (port) => {
      starts.push(port);
      newest = server();
      return newest;
    },
    stop: async ({ pid }) => {
      stopped.push(pid);
      newest.end();
    },
    log: (message) => messages.push(message),
    wait: async (ms) => {
      pauses.push(ms);
      clockMs += ms;
    },
    now: () => clockMs,
  };
  /** Until the server runs that lives on, after as many ends as there were lives. */
  const untilSettled = async (ends: number): Promise<void> => {
    await expect.poll(() => starts.length).toBe(ends);
  };
  return { pauses, messages, starts, stopped, effects, first: newest, untilSettled };
}

describe('an embedded PostgreSQL that ends', () => {
  it('is started again however often it ends, after pauses that grow up to half a minute', async () => {
    const world = createWorld(Array.from({ length: 15 }, () => 10));
    const supervisor = new Supervisor(world.first, world.effects);
    await world.untilSettled(15);
    const growing = [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600];
    expect(world.pauses).toEqual([...growing, ...Array.from({ length: 6 }, () => 30_000)]);
    expect(new Set(world.starts)).toEqual(new Set([PORT]));
    await supervisor.stop();
    expect(world.stopped).toEqual([15]);
  });

  it('is taken for well after a minute, so that its next pause is short again', async () => {
    const world = createWorld([10, 10, 10, MINUTE_MS, 10]);
    const supervisor = new Supervisor(world.first, world.effects);
    await world.untilSettled(5);
    expect(world.pauses).toEqual([100, 200, 400, 100, 200]);
    await supervisor.stop();
  });

  it('is retried when it could not be started, and says why', async () => {
    const world = createWorld([10, new Error('no room'), new Error('no room'), 10]);
    const supervisor = new Supervisor(world.first, world.effects);
    await world.untilSettled(4);
    expect(world.pauses).toEqual([100, 200, 400, 800]);
    expect(world.messages.filter((message) => message.includes('could not be started again: no room'))).toHaveLength(2);
    await supervisor.stop();
  });

  it('stays ended when it is stopped during a pause, which then ends too', async () => {
    const world = createWorld([10]);
    let supervisor: Supervisor | undefined;
    const paused = new Promise<void>((resolve) => {
      supervisor = new Supervisor(world.first, {
        ...world.effects,
        // As long as nobody stops it.
        wait: async (_, signal) => {
          resolve();
          await once(signal, 'abort');
        },
      });
    });
    await paused;
    await supervisor?.stop();
    expect(world.starts).toEqual([]);
  });

  it('does not live on when it is stopped while it starts', async () => {
    const world = createWorld([10]);
    const { start } = world.effects;
    const stopped = new Promise<void>((resolve) => {
      const supervisor = new Supervisor(world.first, {
        ...world.effects,
        start: (port) => {
          resolve(supervisor.stop());
          return start(port);
        },
      });
    });
    await stopped;
    expect(world.starts).toHaveLength(1);
    expect(world.stopped).toEqual([1]);
  });
});
