import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import {
  type AnyTask,
  type BlobInput,
  blob,
  defineTask,
  type FileReceipt,
  file,
  type RowsReceipt,
  rows,
  value,
} from '#engine';

const read = defineTask({
  name: 'read',
  version: '1',
  params: z.object({ path: z.string(), limit: z.number() }),
  outputs: { rows: value<readonly { readonly id: number }[]>(), bytes: blob(), copy: file(), stored: rows() },
  run: async ({ params, blob: put, file: place, rows: write }) => {
    expectTypeOf(params).toEqualTypeOf<{ path: string; limit: number }>();
    return {
      rows: [{ id: 1 }],
      bytes: await put(new Uint8Array()),
      copy: await place('from', 'to'),
      stored: await write('stored', async () => 0),
    };
  },
});

describe('a goal', () => {
  it('is made of the params of its task and of nothing else', () => {
    read.goal({ path: 'a', limit: 1 });
    // @ts-expect-error: a param is missing.
    read.goal({ path: 'a' });
    // @ts-expect-error: a param has another type.
    read.goal({ path: 'a', limit: '1' });
    // @ts-expect-error: no such param.
    read.goal({ path: 'a', limit: 1, more: true });
  });

  it('is JSON: a task whose params are not is refused', () => {
    defineTask({
      name: 'dated',
      version: '1',
      // @ts-expect-error: a Date is no JSON.
      params: z.object({ at: z.date() }),
      outputs: { nothing: value<null>() },
      run: async () => ({ nothing: null }),
    });
  });
});

describe('inputs', () => {
  it('are read as the outputs of the goals they name', () => {
    defineTask({
      name: 'sum',
      version: '1',
      params: z.object({ path: z.string() }),
      inputs: ({ path }) => {
        expectTypeOf(path).toEqualTypeOf<string>();
        return { made: read.goal({ path, limit: 10 }) };
      },
      outputs: { sum: value<number>() },
      run: async ({ inputs }) => {
        expectTypeOf(inputs.made.rows).toEqualTypeOf<readonly { readonly id: number }[]>();
        expectTypeOf(inputs.made.bytes).toEqualTypeOf<BlobInput>();
        expectTypeOf(inputs.made.copy).toEqualTypeOf<FileReceipt>();
        expectTypeOf(inputs.made.stored).toEqualTypeOf<RowsReceipt>();
        // @ts-expect-error: no such input.
        expectTypeOf(inputs.other).toBeAny();
        return { sum: inputs.made.rows.length };
      },
    });
  });

  it('are goals: a value is refused', () => {
    defineTask({
      name: 'with-a-value',
      version: '1',
      params: z.object({ path: z.string() }),
      // @ts-expect-error: data enters by goals only.
      inputs: ({ path }) => ({ path }),
      outputs: { nothing: value<null>() },
      run: async () => ({ nothing: null }),
    });
  });
});

describe('outputs', () => {
  it('are all returned, each as it was declared', () => {
    const options = { name: 'two', version: '1', params: z.object({}), outputs: { a: value<number>(), b: blob() } };
    // @ts-expect-error: an output is missing.
    defineTask({ ...options, run: async () => ({ a: 1 }) });
    // @ts-expect-error: an output has another type.
    defineTask({ ...options, run: async ({ blob: put }) => ({ a: 'one', b: await put(new Uint8Array()) }) });
    // @ts-expect-error: bytes go through the context.
    defineTask({ ...options, run: async () => ({ a: 1, b: new Uint8Array() }) });
  });
});

describe('need', () => {
  it('answers with the outputs of the goal', () => {
    defineTask({
      name: 'needy',
      version: '1',
      params: z.object({}),
      outputs: { count: value<number>() },
      run: async ({ need }) => {
        const made = await need(read.goal({ path: 'a', limit: 1 }));
        expectTypeOf(made.rows).toEqualTypeOf<readonly { readonly id: number }[]>();
        expectTypeOf(made.bytes).toEqualTypeOf<BlobInput>();
        // @ts-expect-error: no such output.
        expectTypeOf(made.other).toBeAny();
        return { count: made.rows.length };
      },
    });
  });
});

describe('options of a task', () => {
  it('name params that it has', () => {
    const options = { name: 'quiet', version: '1', params: z.object({ a: z.number() }), outputs: { n: value<null>() } };
    defineTask({ ...options, insignificant: ['a'], run: async () => ({ n: null }) });
    // @ts-expect-error: no such param.
    defineTask({ ...options, insignificant: ['b'], run: async () => ({ n: null }) });
  });
});

describe('reads', () => {
  const check = defineTask({
    name: 'check',
    version: '1',
    params: z.object({ above: z.number() }),
    reads: { made: read },
    outputs: { count: value<number>() },
    run: async ({ params, inputs }) => {
      expectTypeOf(params).toEqualTypeOf<{ above: number }>();
      expectTypeOf(inputs.made.rows).toEqualTypeOf<readonly { readonly id: number }[]>();
      expectTypeOf(inputs.made.bytes).toEqualTypeOf<BlobInput>();
      return { count: inputs.made.rows.length };
    },
  });

  it('join the params of the tasks they name to those of the goal, however far up', () => {
    const last = defineTask({
      name: 'last',
      version: '1',
      params: z.object({ times: z.number() }),
      reads: { checked: check },
      outputs: { product: value<number>() },
      run: async ({ params, inputs }) => ({ product: params.times * inputs.checked.count }),
    });
    last.goal({ path: 'a', limit: 1, above: 2, times: 3 });
    // @ts-expect-error: a param of a task two steps up is missing.
    last.goal({ path: 'a', above: 2, times: 3 });
    // @ts-expect-error: it has another type.
    last.goal({ path: 'a', limit: '1', above: 2, times: 3 });
    const none = defineTask({
      name: 'none',
      version: '1',
      params: z.object({}),
      reads: { checked: check, made: read },
      outputs: { count: value<number>() },
      run: async ({ inputs }) => ({ count: inputs.checked.count + inputs.made.rows.length }),
    });
    none.goal({ path: 'a', limit: 1, above: 2 });
    // @ts-expect-error: no task has such a param.
    none.goal({ path: 'a', limit: 1, above: 2, more: 1 });
    const all: readonly AnyTask[] = [read, check, last, none];
    expectTypeOf(all).toExtend<readonly AnyTask[]>();
  });
});
