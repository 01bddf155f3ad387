import { z } from 'zod';
import type { Queryable } from '#store';
import { EngineError } from './errors.ts';
import type { Goal, Params } from './goal.ts';
import type { Trigger } from './states.ts';
import { messageOf } from './thrown.ts';

/** What a pipeline answers when asked for a run: goals with every impure choice already fixed in their params, or a reason not to run. */
export type Plan =
  | { readonly kind: 'run'; readonly goals: readonly Goal[]; readonly params: Params }
  | { readonly kind: 'skip'; readonly reason: string; readonly params: Params };

export interface PlanRequest<P extends Params = Params> {
  readonly runId: string;
  /** Those the run was asked for with, as the schema of the pipeline gives them. */
  readonly params: P;
  readonly trigger: Trigger;
  readonly at: Date;
  /** What the run is for, when it was asked for by a tick or a backfill. */
  readonly interval?: Interval | undefined;
}

/** Time from and up to, but not including, in UTC. The tick at `to` names it; it begins at the tick before. */
export interface Interval {
  readonly from: Date;
  readonly to: Date;
}

export interface Retake {
  readonly runId: string;
  readonly params: Params;
  readonly database: Queryable;
}

/** Named goals with params, and when they are asked for. */
export interface Pipeline {
  readonly name: string;
  readonly description: string;
  /** What it can be asked for with; nothing when absent. */
  readonly params?: z.ZodType<Params> | undefined;
  /** Draws what is impure and fixes it. Called inside the creation of the run. */
  plan(request: PlanRequest): Promise<Plan>;
  /**
   * Plans one interval and draws nothing: the same interval gives the same goals, whenever and how often it is asked.
   * A pipeline that has it can be backfilled; its runs for an interval are planned by it, not by `plan`.
   */
  planInterval?(interval: Interval): Promise<Plan>;
  /**
   * Claims for a retry what the ended run had drawn, given by its params: for pipelines whose plan draws from something
   * that others draw from too. Returns undefined, or a sentence that says why it cannot: then the retry is refused, and
   * there is no run. What it writes through `database` is written in the transaction that creates the run.
   */
  retake?(retry: Retake): Promise<string | undefined>;
  /** Tidies up after a run that ended; called again after a crash, so it must be repeatable. */
  settle?(run: { readonly id: string; readonly state: string; readonly params: Params }): Promise<void>;
}

/** Which ticks are made up for that came due during an outage or a pause: the newest `atMost`, oldest of them first. */
export type CatchUp = 'none' | 'latest' | 'all' | { readonly atMost: number };

/** What a tick does that finds a run of its pipeline: nothing, wait for its turn, or cancel that run and take its place. */
export type Overlap = 'skip' | 'queue' | 'replace';

/** When a pipeline runs on a schedule. A pipeline has one. */
export interface Schedule {
  readonly pipeline: string;
  /** Five or six cron fields, or `off`. */
  readonly cron: string;
  readonly timeZone: string;
  /** `none` by default. */
  readonly catchUp?: CatchUp | undefined;
  /** `skip` by default. */
  readonly overlap?: Overlap | undefined;
}

type Asked = Pick<Pipeline, 'name' | 'params'>;

/** Params as the pipeline's schema gives them; throws `params_invalid`, which says what was expected. */
export function parsePipelineParams({ name, params: schema }: Asked, given: Params): Params {
  if (schema === undefined) {
    const names = Object.keys(given);
    if (names.length === 0) return given;
    throw new EngineError('params_invalid', `Pipeline ${name} takes no params; got ${names.join(', ')}.`);
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new EngineError(
    'params_invalid',
    `Params of pipeline ${name} do not fit its schema:\n${z.prettifyError(parsed.error)}\nIt takes ${describeParams(schema)}.`,
    { cause: parsed.error },
  );
}

/** Throws when a run on a schedule could not be planned: no tick gives params. */
export function assertRunsOnSchedule(pipeline: Pipeline): void {
  if (pipeline.planInterval !== undefined) return;
  try {
    parsePipelineParams(pipeline, {});
  } catch (error) {
    throw new EngineError(
      'params_invalid',
      `Pipeline ${pipeline.name} cannot run on a schedule, which gives no params. Give each of its params a default, or take it out of the schedules.\n${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** The fields of a JSON schema that a sentence for people tells. */
interface Described {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: Described;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: { readonly [name: string]: Described };
  readonly required?: readonly string[];
}

/** What a schema of params takes, in words: `day (string), limit (integer, 10 when absent)`. */
export function describeParams(schema: z.ZodType<Params>): string {
  const { properties = {}, required = [] } = toJsonSchema(schema);
  const fields = Object.entries(properties).map(([name, field]) => {
    const absence = required.includes(name)
      ? []
      : [field.default === undefined ? 'optional' : `${JSON.stringify(field.default)} when absent`];
    return `${name} (${[kindOf(field), ...absence].join(', ')})${field.description === undefined ? '' : `: ${field.description}`}`;
  });
  return fields.join(', ') || 'none';
}

function kindOf({ enum: values, type, items }: Described): string {
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' or ');
  if (items !== undefined) return `list of ${kindOf(items)}`;
  return typeof type === 'string' ? type : 'any JSON';
}

// A JSON schema; what zod cannot say in one is any value.
const toJsonSchema = (schema: z.ZodType): Described =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Described;
