import type { Column, Contract, DecimalColumn, TimeColumn } from '../contract.ts';
import { isDecimal, sizeOf } from '../kinds/decimal.ts';
import { definitionOf } from '../kinds/kinds.ts';
import { isOrdered } from '../kinds/text-bounds.ts';

/** A JSON Schema document (2020-12). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * One row of the contract as JSON Schema 2020-12: what `checkRows` accepts, except for uniqueness and days written as
 * midnights.
 */
export function toJsonSchema(
  contract: Contract,
): JsonSchema & { readonly properties: Readonly<Record<string, JsonSchema>> } {
  const columns = Object.entries(contract.columns);
  const isRequired = ([, column]: readonly [string, Column]): boolean =>
    !column.nullable && column.alwaysNull !== true && column.optional !== true;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: contract.name,
    ...(contract.description === undefined ? {} : { description: contract.description }),
    type: 'object',
    properties: Object.fromEntries(columns.map(([name, column]) => [name, toColumnSchema(column)])),
    required: columns.filter(isRequired).map(([name]) => name),
    additionalProperties: false,
  };
}

/** A value of a column as JSON Schema 2020-12. */
export function toColumnSchema(column: Column): JsonSchema {
  const { label, description, examples, unit } = column;
  return {
    ...(label === undefined ? {} : { title: label }),
    ...(description === undefined ? {} : { description }),
    ...coercedSchema(column),
    ...(examples === undefined ? {} : { examples }),
    ...(unit === undefined ? {} : { 'x-unit': unit }),
  };
}

/** A text or number that may be changed is taken as it comes, as a schema cannot tell what it becomes. */
function coercedSchema(column: Column): JsonSchema {
  const { coerce } = column;
  if (coerce === undefined || column.alwaysNull === true) return valueSchema(column);
  return { anyOf: [valueSchema(column), { type: ['string', 'number'] }], 'x-coerce': [...coerce] };
}

function valueSchema(column: Column): JsonSchema {
  if (column.alwaysNull === true) return { enum: [null, ''] };
  const { nullable } = column;
  const type = (name: string): JsonSchema => ({ type: nullable ? [name, 'null'] : name });
  if (isOrdered(column)) return formSchema(column);
  switch (column.kind) {
    case 'number':
    case 'integer':
      return { ...type(column.kind), ...boundsSchema(column) };
    case 'boolean':
      return type('boolean');
    case 'category':
      return { ...type('string'), enum: [...column.categories, ...(nullable ? [null, ''] : [])] };
    case 'text':
      return { ...type('string'), ...textSchema(column) };
    case 'list': {
      const { of, lengthMin, lengthMax } = column;
      const lengths = {
        ...(lengthMin === undefined ? {} : { minItems: lengthMin }),
        ...(lengthMax === undefined ? {} : { maxItems: lengthMax }),
      };
      return { ...type('array'), items: toColumnSchema(of), ...lengths };
    }
    case 'struct': {
      const fields = Object.entries(column.fields);
      return {
        ...type('object'),
        properties: Object.fromEntries(fields.map(([name, field]) => [name, toColumnSchema(field)])),
        required: fields.filter(([, field]) => !field.nullable).map(([name]) => name),
      };
    }
    case 'timestamp':
      return { ...type('string'), format: 'date-time' };
    case 'date':
      return { ...type('string'), format: 'date' };
    default:
      return column satisfies never;
  }
}

/**
 * JSON Schema compares no texts by their value: bounds are in `x-minimum` and `x-maximum`. A decimal may be a number too, of
 * at most 15 digits.
 */
function formSchema({ kind, nullable, min, max }: DecimalColumn | TimeColumn): JsonSchema {
  const { forms = [] } = definitionOf(kind);
  const types = [...(isDecimal(kind) ? ['string', 'number'] : ['string']), ...(nullable ? ['null'] : [])];
  const pattern = `^(?:${forms.join('|')}${nullable ? '|' : ''})$`;
  return {
    type: types.length === 1 ? types[0] : types,
    pattern,
    // The formats "time" and "duration" of JSON Schema are others: with a zone, and without a sign.
    ...(isDecimal(kind) ? { multipleOf: Number(`1e-${sizeOf(kind).scale}`) } : {}),
    'x-kind': kind,
    ...(min === undefined ? {} : { 'x-minimum': min }),
    ...(max === undefined ? {} : { 'x-maximum': max }),
  };
}

function boundsSchema({ kind, min, max }: Column & { kind: 'number' | 'integer' }): JsonSchema {
  const least = kind === 'integer' ? (min ?? Number.MIN_SAFE_INTEGER) : min;
  const largest = kind === 'integer' ? (max ?? Number.MAX_SAFE_INTEGER) : max;
  return {
    ...(least === undefined ? {} : { minimum: least }),
    ...(largest === undefined ? {} : { maximum: largest }),
  };
}

/** A text that may be null may be empty too, since an empty cell is what null is in a file. */
function textSchema({ nullable, pattern, lengthMin, lengthMax }: Column & { kind: 'text' }): JsonSchema {
  const rules = {
    ...(pattern === undefined ? {} : { pattern: `^(?:${pattern})$` }),
    ...(nullable && lengthMin === undefined ? {} : { minLength: lengthMin ?? 1 }),
    ...(lengthMax === undefined ? {} : { maxLength: lengthMax }),
  };
  return nullable && Object.keys(rules).length > 0 ? { anyOf: [rules, { maxLength: 0 }] } : rules;
}
