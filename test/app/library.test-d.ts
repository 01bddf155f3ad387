import { expectTypeOf } from 'vitest';
import {
  type BatchItem,
  type BlobInput,
  type BlobReceipt,
  blob,
  definePipeline,
  defineTask,
  type PlanRequest,
  type Task,
  type TaskContext,
  type TypedGoal,
  value,
  z,
} from 'weir';

const params = z.object({ day: z.string() });
const read = defineTask({
  name: 'read',
  params,
  outputs: { content: blob() },
  run: async (context) => ({ content: await keep(context) }),
});

/** What a helper of a project names without importing anything but `weir`. */
const keep = async (context: Pick<TaskContext<z.infer<typeof params>, Record<never, never>>, 'params' | 'blob'>) => {
  const receipt = await context.blob(new TextEncoder().encode(context.params.day));
  expectTypeOf(receipt).toEqualTypeOf<BlobReceipt>();
  return receipt;
};

const lengthOf = async (content: BlobInput): Promise<number> => (await content.bytes()).length;
defineTask({
  name: 'measure',
  params,
  inputs: (given) => ({ read: read.goal(given) }),
  outputs: { length: value<number>() },
  run: async ({ inputs }) => {
    expectTypeOf(inputs.read.content).toEqualTypeOf<BlobInput>();
    return { length: await lengthOf(inputs.read.content) };
  },
});

expectTypeOf(read.goal({ day: 'a' })).toExtend<TypedGoal>();
expectTypeOf<Task['name']>().toEqualTypeOf<string>();
expectTypeOf<BatchItem<{ day: string }, Record<never, never>, Record<never, never>>['params']>().toEqualTypeOf<{
  day: string;
}>();

definePipeline({
  name: 'nightly',
  params: z.object({ day: z.string(), limit: z.int().default(3) }),
  goals: (request) => {
    expectTypeOf(request).toEqualTypeOf<PlanRequest<{ day: string; limit: number }>>();
    return [read.goal({ day: request.params.day })];
  },
});

definePipeline({
  name: 'plain',
  goals: (request) => {
    // @ts-expect-error a pipeline that declares no params is given none
    return [read.goal({ day: request.params.day })];
  },
});
