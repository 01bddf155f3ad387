import { z } from 'zod';
import type { Queryable } from '#store';
import { EngineError } from './errors.ts';
import type { Goal, Params } from './goal.ts';
import type { Trigger } from './states.ts';
import { messageOf } from './thrown.ts';

/** The plan of a run: goals with every impure choice already fixed in their params, or a reason not to run. */
export type Plan =
  | {
      /** There is something to do. */
      readonly kind: 'run';
      /** What the run is to complete. */
      readonly goals: readonly Goal[];
      /** What the run shows as its params. */
      readonly params: Params;
    }
  | {
      /** There is nothing to do, so the run ends as `skipped`. */
      readonly kind: 'skip';
      /** Why, as the run shows it: `'there is no new file'`. */
      readonly reason: string;
      /** What the run shows as its params. */
      readonly params: Params;
    };

/** What a pipeline knows when it plans a run. */
export interface PlanRequest<P extends Params = Params> {
  /** Id of the run that is being created. */
  readonly runId: string;
  /** The params of the request, as parsed by the schema of the pipeline. */
  readonly params: P;
  /** What requested the run: a schedule, a person, a start, an alert. */
  readonly trigger: Trigger;
  /** When it was requested. */
  readonly at: Date;
  /** The interval of the run, when a tick or a backfill requested it. */
  readonly interval?: Interval | undefined;
}

/**
 * A span of time from `from` up to but not including `to`, in UTC. The tick at `to` names it; it starts at the tick
 * before.
 */
export interface Interval {
  /** Its begin, included. */
  readonly from: Date;
  /** Its end, not included. */
  readonly to: Date;
}

export interface Retake {
  readonly runId: string;
  readonly params: Params;
  readonly database: Queryable;
}

/** Named goals with params, and when they are requested. */
export interface Pipeline {
  /** Kebab-case, unique in the project: what `weir run` and `schedules` call it. */
  readonly name: string;
  /** A sentence for the pages of Weir. */
  readonly description: string;
  /** Schema of the params of a request; absent when it takes none. */
  readonly params?: z.ZodType<Params> | undefined;
  /** Makes every impure choice, such as which file to take, and fixes it in params. Called while the run is created. */
  plan(request: PlanRequest): Promise<Plan>;
  /**
   * The plan of a run at the moment, without effects and without a run: `explain` takes params from it. Absent where
   * only a run can choose, such as the file that it takes.
   */
  preview?(at: Date): Promise<Plan>;
  /**
   * Plans one interval without impure choices: the same interval always gives the same goals. A pipeline that has it
   * can be backfilled; its runs for an interval are planned by it, not by `plan`.
   */
  planInterval?(interval: Interval): Promise<Plan>;
  /**
   * Claims for a retry what the ended run had selected, given its params: for pipelines whose plan selects from
   * something that other runs select from too. Returns undefined, or a sentence that says why it cannot: then the retry
   * is refused, and no run is created. What it writes through `database` is part of the transaction that creates the
   * run. Without it a retry has the same params.
   */
  retake?(retry: Retake): Promise<string | undefined>;
  /**
   * Cleans up after a run that ended; called again after a crash, so it must be repeatable. Nothing is done without it.
   */
  settle?(run: { readonly id: string; readonly state: string; readonly params: Params }): Promise<void>;
}

/** Which ticks that came due during an outage or a pause are run later: the newest `atMost`, oldest of them first. */
export type CatchUp = 'none' | 'latest' | 'all' | { readonly atMost: number };

/**
 * What a tick does when a run of its pipeline is in progress: nothing, wait for its turn, or cancel that run and
 * replace it.
 */
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

/** Throws when a scheduled run could not be planned, because ticks have no params. */
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

/** The fields of a JSON schema that the description uses. */
interface Described {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: Described;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: { readonly [name: string]: Described };
  readonly required?: readonly string[];
}

/** The params of a schema, in words: `day (string), limit (integer, 10 when absent)`. */
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

// A JSON schema; a type that zod cannot express in one is any value.
const toJsonSchema = (schema: z.ZodType): Described =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Described;
