import { z } from 'zod';
import type { Condition } from './conditions/condition.ts';
import { conditions } from './conditions/conditions.ts';

/** A kind of alert rule as a form needs it: what it measures, what it takes, and what is usual. */
export interface RuleKind
  extends Pick<Condition, 'kind' | 'title' | 'unit' | 'firesWhen' | 'everyMinutes'>,
    Required<Pick<Condition, 'suggested'>> {
  /** What is measured, in a sentence with its usual params. */
  readonly description: string;
  /** Why it cannot be tried against the past; null when it can. */
  readonly untriable: string | null;
  readonly params: readonly KindParam[];
}

export interface KindParam {
  readonly name: string;
  readonly description: string;
  readonly type: 'number' | 'integer' | 'text' | 'choice';
  /** Null where it must be given. */
  readonly usual: number | string | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly unit: string | null;
  readonly choices: readonly string[];
  /** What a text is the name of; null where it is none. */
  readonly names: 'pipeline' | 'column' | null;
}

/** All kinds of alert rules. */
export function listRuleKinds(): readonly RuleKind[] {
  return [...conditions.values()].map((condition) => {
    const { kind, title, suggested, unit, firesWhen, everyMinutes, untriable = null } = condition;
    const params = paramsOf(condition);
    const shown = Object.fromEntries(params.map(({ name, usual }) => [name, usual ?? UNKNOWN]));
    const description = condition.describe(shown);
    return { kind, title, suggested, unit, firesWhen, everyMinutes, untriable, params, description };
  });
}

/** Stands in a sentence for what must be given. */
const UNKNOWN = '…';

/** What the JSON Schema of a param says of it. */
const described = z.object({
  type: z.enum(['number', 'integer', 'string']),
  description: z.string(),
  default: z.union([z.number(), z.string()]).optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  enum: z.array(z.string()).default([]),
  unit: z.string().optional(),
  names: z.enum(['pipeline', 'column']).optional(),
});

function paramsOf({ params }: Condition): readonly KindParam[] {
  const { properties = {} } = z.toJSONSchema(params, { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => {
    const { type, description, ...of } = described.parse(schema);
    return {
      ...{ name, description },
      type: type !== 'string' ? type : of.enum.length > 0 ? 'choice' : 'text',
      usual: of.default ?? null,
      min: of.minimum ?? of.exclusiveMinimum ?? null,
      ...{ max: of.maximum ?? null, unit: of.unit ?? null, choices: of.enum, names: of.names ?? null },
    };
  });
}
