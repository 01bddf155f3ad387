import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { defineTask, type TypedGoal, value } from '#engine';

const length = defineTask({
  name: 'length',
  version: '1',
  params: z.object({ text: z.string() }),
  outputs: { length: value<number>() },
  priority: ({ text }) => {
    expectTypeOf(text).toEqualTypeOf<string>();
    return text.length;
  },
  pool: 'texts',
  run: async () => ({ length: 1 }),
});

describe('a batch', () => {
  it('has items with the params, inputs and outputs of the task', () => {
    const halves = defineTask({
      name: 'halves',
      version: '1',
      params: z.object({ text: z.string(), n: z.number() }),
      inputs: ({ text }) => ({ measured: length.goal({ text }) }),
      outputs: { half: value<number>(), name: value<string>() },
      batch: {
        itemsMax: 10,
        run: async (items, { folder, signal, log }) => {
          expectTypeOf(folder).toEqualTypeOf<string>();
          expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
          expectTypeOf(log).toEqualTypeOf<(message: string) => void>();
          for (const item of items) {
            expectTypeOf(item.params).toEqualTypeOf<{ text: string; n: number }>();
            expectTypeOf(item.inputs.measured.length).toEqualTypeOf<number>();
            expectTypeOf(item.succeed).parameter(0).toEqualTypeOf<{ readonly half: number; readonly name: string }>();
            // @ts-expect-error: an output is missing.
            await item.succeed({ half: 1 });
            // @ts-expect-error: items of a batch have no needs.
            await item.need(length.goal({ text: '' }));
          }
        },
      },
    });
    expectTypeOf(halves.goal).returns.toExtend<TypedGoal>();
  });

  it('stands instead of run', () => {
    // @ts-expect-error: a task has one of them.
    defineTask({
      name: 'both',
      params: z.object({}),
      outputs: {},
      run: async () => ({}),
      batch: { itemsMax: 1, run: async () => {} },
    });
    // @ts-expect-error: a task has one of them.
    defineTask({ name: 'neither', params: z.object({}), outputs: {} });
  });
});
