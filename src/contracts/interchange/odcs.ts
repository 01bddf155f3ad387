import { z } from 'zod';

/*
 * The part of the Open Data Contract Standard 3 that a check can look at, in the words of 3.1 and the older ones of 3.0.
 * Keys that are not listed describe, and ask nothing of the data. Rules and options are kept as they stand: what reads
 * them says of each one that it cannot check.
 */

export const ODCS_VERSION = 'v3.1.0';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** A finite number, also one in quotes. */
export const numeric = z.union([z.number(), z.string().regex(NUMBER).transform(Number)]).pipe(z.number());

/** A word of description; what is no word describes nothing. */
const text = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .catch(undefined)
  .transform((value) => (value === null || value === undefined ? undefined : String(value)));
/** What asks something of the data when it is true, and is refused when it is neither. */
const flag = z
  .union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')])
  .nullish()
  .transform((value) => value ?? undefined);
const customProperties = z
  .array(z.looseObject({ property: z.string(), value: z.unknown().optional() }))
  .nullish()
  .catch(undefined)
  .transform((value) => value ?? undefined);

/** A rule of quality: besides what is named here it has operators, which begin with `must`. */
export const odcsQuality = z.looseObject({
  id: text,
  name: text,
  type: text,
  metric: text,
  /** What `metric` was called in 3.0. */
  rule: text,
  engine: text,
  description: text,
  severity: text,
  unit: text,
  query: text,
  implementation: z.unknown().optional(),
  arguments: z.unknown().optional(),
  customProperties,
});

const property = z.looseObject({
  name: z.string(),
  physicalName: text,
  businessName: text,
  description: text,
  logicalType: text,
  physicalType: text,
  logicalTypeOptions: z.unknown().optional(),
  required: flag,
  unique: flag,
  primaryKey: flag,
  primaryKeyPosition: z.number().nullish(),
  /** Of 3.2. */
  enum: z.unknown().optional(),
  examples: z.unknown().optional(),
  quality: z.unknown().optional(),
  relationships: z.unknown().optional(),
  customProperties,
});

const schemaObject = z.looseObject({
  name: z.string(),
  logicalType: text,
  physicalType: text,
  physicalName: text,
  description: text,
  properties: z
    .array(property)
    .nullish()
    .transform((value) => value ?? []),
  quality: z.unknown().optional(),
  relationships: z.unknown().optional(),
  customProperties,
});

export const odcsDocument = z.looseObject({
  apiVersion: z.string().regex(/^v?3\./, 'a version 3 of the standard'),
  kind: z.literal('DataContract'),
  description: z
    .union([z.string(), z.looseObject({ purpose: text })])
    .nullish()
    .catch(undefined),
  schema: z.array(schemaObject).min(1),
});

/** A document as it is written. */
export type OdcsDocument = z.input<typeof odcsDocument>;
export type WrittenProperty = z.input<typeof property>;
export type WrittenQuality = z.input<typeof odcsQuality>;

/** Parts of a document as they are read. */
export type OdcsProperty = z.output<typeof property>;
export type OdcsQuality = z.output<typeof odcsQuality>;
export type OdcsSchema = z.output<typeof schemaObject>;
export type CustomProperties = z.output<typeof customProperties>;

/** The value of one of our own properties. */
export function customOf(properties: CustomProperties, name: string): unknown {
  return properties?.find(({ property: known }) => known === `weir.${name}`)?.value;
}

/** What an expectation is, with its SQL over placeholders, so that it can be written down and read back. */
export const expectationTemplate = z.object({
  maker: z.string().optional(),
  level: z.enum(['column', 'row', 'table', 'distribution']),
  category: z.string(),
  form: z.enum(['condition', 'key']).optional(),
  origin: z.string().optional(),
  column: z.string().optional(),
  columns: z.array(z.string()).optional(),
  sql: z.string(),
});

/** What a contract asks for and no check looks at, as it is written down and read back. */
export const uncheckedList = z.array(
  z.object({ path: z.string(), column: z.string().optional(), rule: z.string(), reason: z.string() }),
);
