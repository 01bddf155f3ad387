import { z } from 'zod';
import { ParamsRefusedError } from './errors.ts';
import type { Params } from './goal.ts';
import type { Pipeline } from './pipeline.ts';
import { messageOf } from './thrown.ts';

type Asked = Pick<Pipeline, 'name' | 'params'>;

/** Params as the pipeline's schema gives them; throws a ParamsRefusedError that says what was expected. */
export function parsePipelineParams({ name, params: schema }: Asked, given: Params): Params {
  if (schema === undefined) {
    const names = Object.keys(given);
    if (names.length === 0) return given;
    throw new ParamsRefusedError(`Pipeline ${name} takes no params; got ${names.join(', ')}.`);
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ParamsRefusedError(
    `Params of pipeline ${name} do not fit its schema:\n${z.prettifyError(parsed.error)}\nIt takes ${describeParams(schema)}.`,
    { cause: parsed.error },
  );
}

/** Throws when a run by the clock could not be planned: no tick gives params. */
export function assertRunsByClock(pipeline: Pipeline): void {
  if (pipeline.planInterval !== undefined) return;
  try {
    parsePipelineParams(pipeline, {});
  } catch (error) {
    throw new ParamsRefusedError(
      `Pipeline ${pipeline.name} cannot run by the clock, which gives no params. Give each of its params a default, or take it out of the schedules.\n${messageOf(error)}`,
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
