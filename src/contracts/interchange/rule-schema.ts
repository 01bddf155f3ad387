import { z } from 'zod';
import { PLAIN_KINDS } from '../contract.ts';
import { MEASURES } from '../distribution/divergence.ts';
import { assertReference } from '../distribution/reference.ts';
import { ContractError } from '../errors.ts';
import { isDecimalKind } from '../kinds/decimal.ts';
import { compileJsonSchema } from '../rules/json-schema.ts';
import { type JsonCellSchema, SchemaFault } from '../rules/json-tests.ts';
import { COLUMN_AGGREGATES, type Condition, DATASET_NAME, FORM_NAMES, type Rule } from '../rules/rule.ts';

/*
 * Rules as documents have them. Each is as strict as the function that makes it: a key that is not known, or bounds that
 * are none, make the rule one that Weir did not write.
 */

const column = z.string();
const columns = z.array(z.string());
const dataset = z.string().regex(DATASET_NAME);
const number = z.number();
const value = z.union([z.string(), z.number(), z.boolean()]);
const flag = z.boolean().exactOptional();

interface Bounded {
  readonly min?: number | string;
  readonly max?: number | string;
}

const hasBound = ({ min, max }: Bounded): boolean => min !== undefined || max !== undefined;
const isOrdered = ({ min, max }: Bounded): boolean => typeof min !== 'number' || typeof max !== 'number' || min <= max;

const numbers = { min: number.exactOptional(), max: number.exactOptional() };
const excludes = { excludesMin: flag, excludesMax: flag };

const referenceSchema = () =>
  z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('number'), rows: number, edges: z.array(number), shares: z.array(number) }),
      z.strictObject({ kind: z.literal('category'), rows: number, shares: z.record(z.string(), number) }),
    ])
    .refine((read) => {
      try {
        assertReference(read, 'the rule');
        return true;
      } catch (error) {
        if (error instanceof ContractError) return false;
        throw error;
      }
    });

const jsonSchema = z.custom<JsonCellSchema>((given) => {
  if (typeof given !== 'boolean' && (typeof given !== 'object' || given === null || Array.isArray(given))) return false;
  try {
    // What of a document is no schema, compiling refuses.
    compileJsonSchema(given as JsonCellSchema);
    return true;
  } catch (error) {
    if (error instanceof SchemaFault) return false;
    throw error;
  }
});

type OptionalCondition = z.ZodExactOptional<z.ZodType<Condition>>;

const kindOfColumn = z.union([z.enum(PLAIN_KINDS), z.string().refine(isDecimalKind)]);

/** A test of cells or rows, with the condition of a rule or with none. */
const testRule = (where: OptionalCondition) => {
  const cell = { over: z.literal('cell'), column, where };
  const row = { over: z.literal('row'), where };
  const cells = z.discriminatedUnion('test', [
    z.strictObject({ ...cell, test: z.literal('present') }),
    z.strictObject({ ...cell, test: z.literal('absent') }),
    z.strictObject({ ...cell, test: z.literal('kind'), kind: kindOfColumn }),
    z
      .strictObject({ ...cell, test: z.literal('range'), ...numbers, ...excludes })
      .refine(hasBound)
      .refine(isOrdered),
    z
      .strictObject({
        ...{ ...cell, ...excludes, test: z.literal('moments') },
        ...{ min: z.string().exactOptional(), max: z.string().exactOptional() },
      })
      .refine(hasBound),
    z
      .strictObject({
        ...{ ...cell, ...excludes, test: z.literal('between') },
        ...{ min: z.string().exactOptional(), max: z.string().exactOptional() },
      })
      .refine(hasBound),
    z
      .strictObject({ ...cell, test: z.literal('length'), ...numbers })
      .refine(hasBound)
      .refine(isOrdered),
    z.strictObject({ ...cell, test: z.literal('set'), values: z.array(value).min(1), isNegated: flag }),
    z.strictObject({ ...cell, test: z.literal('pattern'), pattern: z.string(), isNegated: flag }),
    z
      .strictObject({
        ...{ ...cell, test: z.literal('affix') },
        ...{ prefix: z.string().exactOptional(), suffix: z.string().exactOptional() },
      })
      .refine(({ prefix, suffix }) => prefix !== undefined || suffix !== undefined),
    z.strictObject({ ...cell, test: z.literal('multiple'), step: number.positive() }),
    z.strictObject({ ...cell, test: z.literal('digits'), precision: z.int().min(1).max(15), scale: z.int().min(0) }),
    z.strictObject({ ...cell, test: z.literal('form'), form: z.enum(FORM_NAMES) }),
    z.strictObject({ ...cell, test: z.literal('json') }),
    z.strictObject({ ...cell, test: z.literal('json-schema'), schema: jsonSchema }),
  ]);

  const rows = z.discriminatedUnion('test', [
    z.strictObject({ ...row, test: z.literal('less'), column, other: column, orEqual: flag }),
    z.strictObject({ ...row, test: z.literal('equal'), column, other: column }),
    z.strictObject({ ...row, test: z.literal('filled'), columns: columns.min(2), min: number, max: numbers.max }),
    z
      .strictObject({ ...row, test: z.literal('known'), columns: columns.min(1), dataset, there: columns.min(1) })
      .refine((rule) => rule.columns.length === rule.there.length),
    z.strictObject({
      ...{ ...row, test: z.literal('sum'), total: column },
      ...{ parts: columns.min(1), tolerance: number.nonnegative() },
    }),
  ]);
  return z.discriminatedUnion('over', [cells, rows]);
};

/** A condition, which has none itself. */
const conditionSchema = (): z.ZodType<Condition> =>
  z.union([z.strictObject({ sql: z.string(), columns: columns.exactOptional() }), testRule(z.never().exactOptional())]);

const tableRule = (where: OptionalCondition) => {
  const table = { over: z.literal('table'), where };
  const aggregate = { ...table, test: z.literal('aggregate'), ...numbers, by: columns.min(1).exactOptional() };
  const reference = referenceSchema();

  const aggregateRule = z.discriminatedUnion('aggregate', [
    z.strictObject({ ...aggregate, aggregate: z.literal('rows') }),
    z.strictObject({ ...aggregate, aggregate: z.enum(COLUMN_AGGREGATES), column }),
    z.strictObject({ ...aggregate, aggregate: z.literal('quantile'), column, quantile: number.min(0).max(1) }),
    z.strictObject({ ...aggregate, aggregate: z.literal('correlation'), column, other: column }),
    z.strictObject({
      ...{ ...aggregate, aggregate: z.literal('share') },
      ...{ sql: z.string(), columns: columns.exactOptional() },
    }),
  ]);

  const rules = z.discriminatedUnion('test', [
    aggregateRule,
    z.strictObject({
      ...{ ...table, test: z.literal('order'), column },
      ...{ direction: z.enum(['up', 'down']), strictly: flag },
    }),
    z
      .strictObject({
        ...{ ...table, test: z.literal('steps'), column },
        ...{ ...numbers, unit: z.literal('hours').exactOptional() },
      })
      .refine(hasBound)
      .refine(isOrdered),
    z.strictObject({ ...table, test: z.literal('fresh'), column, hours: number.positive() }),
    z
      .strictObject({ ...table, test: z.literal('rows-there'), dataset, ...numbers })
      .refine(hasBound)
      .refine(isOrdered),
    z.strictObject({ ...table, test: z.literal('contains'), column, values: z.array(value).min(1) }),
    z.strictObject({
      ...{ ...table, test: z.literal('shares'), column },
      ...{ shares: z.record(z.string(), number.min(0).max(1)), tolerance: number.positive() },
    }),
    z.strictObject({ ...table, test: z.literal('near'), column, reference, indexMax: number }),
    z
      .strictObject({
        ...{ ...table, test: z.literal('divergence'), column },
        ...{ reference, measure: z.enum(MEASURES), ...numbers },
      })
      .refine(hasBound)
      .refine(isOrdered),
  ]);
  return rules.refine((rule) => rule.test !== 'aggregate' || (hasBound(rule) && isOrdered(rule)));
};

/** A rule that Weir wrote. Made only where one is read: that takes 5 ms, and most documents have none. */
export function ruleSchema(): z.ZodType<Rule> {
  const where = conditionSchema().exactOptional();
  const sql = { over: z.literal('sql'), columns: columns.exactOptional() };
  return z.discriminatedUnion('over', [
    testRule(where),
    z.strictObject({ over: z.literal('key'), columns: columns.min(1), where }),
    tableRule(where),
    z.discriminatedUnion('test', [
      z.strictObject({ over: z.literal('header'), test: z.literal('names'), order: flag }),
      z
        .strictObject({ over: z.literal('header'), test: z.literal('count'), ...numbers })
        .refine(hasBound)
        .refine(isOrdered),
    ]),
    z.discriminatedUnion('of', [
      z.strictObject({ ...sql, of: z.literal('row'), holds: z.string(), where }),
      z.strictObject({
        ...{ ...sql, of: z.literal('table'), query: z.string() },
        datasets: z.array(dataset).min(1).exactOptional(),
      }),
    ]),
  ]);
}
