import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { defineTask, value } from '#engine';

/** Takes `ms` without using a processor, so that what is left is the engine and the queue. */
export const pause = defineTask({
  name: 'pause',
  version: '1',
  params: z.object({ n: z.number(), ms: z.number() }),
  outputs: { made: value<number>() },
  run: async ({ params }) => {
    if (params.ms > 0) await delay(params.ms);
    return { made: params.n };
  },
});

/** Its first attempt does not end, and says in a file which process has it; the next says when it began. */
export const held = defineTask({
  name: 'held',
  version: '1',
  params: z.object({ n: z.number(), file: z.string() }),
  outputs: { begunAt: value<number>() },
  run: async ({ params, attempt }) => {
    const { writeFile } = await import('node:fs/promises');
    if (attempt > 1) return { begunAt: Date.now() };
    await writeFile(params.file, String(process.pid));
    return new Promise<never>(() => undefined);
  },
});

export const queueTasks = [pause, held];
