import { z } from 'zod';
import { EngineError } from './errors.ts';
import type { Goal, Params } from './goal.ts';

/** A task that another task reads: enough to name its goals. */
export interface Readable {
  readonly name: string;
  readonly params: z.ZodType<Params>;
  goal(params: never): Goal;
}

/** Input name to the task whose outputs are read under it. */
export type Reads = { readonly [name: string]: Readable };
/** Of a task that reads no other by name. */
export type NoReads = Record<never, never>;

/** The goals that a task reads through `reads`. */
export type ReadGoals<B extends Reads> = { readonly [K in keyof B]: ReturnType<B[K]['goal']> };
/** Params of a goal of a task that states `P` and reads `B`: its own, and those of the tasks it reads, however far up. */
export type BoundParams<P extends Params, B extends Reads> = keyof B extends never
  ? P
  : AsParams<Stated<P> & PassedOn<B>>;
type PassedOn<B extends Reads> = Intersection<
  { [K in keyof B]: B[K] extends { goal(params: infer P): Goal } ? Stated<P> : never }[keyof B]
>;
type Intersection<U> = (U extends unknown ? (each: U) => void : never) extends (each: infer I) => void ? I : never;
/** `z.object({})` gives a record of `never`, which nothing joins with. */
type Stated<P> = P extends Record<string, never> ? unknown : P;
type AsParams<P> = P extends Params ? P : Record<string, never>;

/** The members of a task that take params. */
interface TakesParams {
  readonly name: string;
  readonly params: z.ZodType<Params>;
  readonly insignificant: readonly string[];
  inputs(params: Params): object;
  runtimeInputs?(params: Params, inputs: never): unknown;
  priority?(params: Params): number;
}

/**
 * Binds a task to those it reads: its goals carry the params of them all, and each task gets those that it states itself.
 * A name that several tasks state is one param with one value. Throws when params are no object, or when an input has
 * the name of a task in `reads`.
 */
export function bindReads<T extends TakesParams>(
  task: T,
  reads: Reads,
): TakesParams & { ownParams: readonly string[] } {
  const ownParams = Object.keys(shapeOf(task));
  const own = (params: Params): Params => pickParams(params, ownParams);
  const bound = Object.entries(reads).map(([name, read]) => ({ name, read, shape: shapeOf(read) }));
  // Shapes of params of JSON make params of JSON.
  const shape: Record<string, z.ZodType<Params[string]>> = Object.assign(
    {},
    ...bound.map((each) => each.shape),
    shapeOf(task),
  );
  const passedOn = Object.keys(shape).filter((name) => !ownParams.includes(name));
  return {
    ...task,
    ownParams,
    params: z.object(shape),
    insignificant: [...task.insignificant, ...passedOn],
    inputs: (params) => {
      const goals = bound.map(({ name, read, shape: names }) => [
        name,
        // Parsed by the schema that gives it its type.
        read.goal(pickParams(params, Object.keys(names)) as never),
      ]);
      return join(task.name, { inputs: task.inputs(own(params)), goals: Object.fromEntries(goals) });
    },
    ...(task.runtimeInputs && { runtimeInputs: (params, inputs) => task.runtimeInputs?.(own(params), inputs) }),
    ...(task.priority && { priority: (params) => task.priority?.(own(params)) ?? 0 }),
  };
}

/** The params that `run` of a task sees. */
export const ownParamsOf = (task: { readonly ownParams?: readonly string[] }, params: Params): Params =>
  task.ownParams === undefined ? params : pickParams(params, task.ownParams);

function pickParams(params: Params, names: readonly string[]): Params {
  return Object.fromEntries(Object.entries(params).filter(([name]) => names.includes(name)));
}

function join(task: string, { inputs, goals }: { readonly inputs: object; readonly goals: object }): object {
  const twice = Object.keys(inputs).find((name) => Object.hasOwn(goals, name));
  if (twice === undefined) return { ...goals, ...inputs };
  throw new EngineError(
    'inputs_invalid',
    `Task ${task} has an input ${twice} both in \`inputs\` and in \`reads\`. Rename one of them.`,
  );
}

function shapeOf({ name, params }: Pick<Readable, 'name' | 'params'>): z.ZodRawShape {
  if (params instanceof z.ZodObject) return params.shape;
  throw new EngineError(
    'task_invalid',
    `Params of task ${name} must be a z.object({ … }), because \`reads\` passes them on by name; got another schema. Write them as an object, or name goals in \`inputs\`.`,
  );
}
