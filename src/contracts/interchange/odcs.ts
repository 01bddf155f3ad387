import { z } from 'zod';
import { ContractError } from '../errors.ts';
import { ruleSchema } from './rule-schema.ts';

/*
 * The part of the Open Data Contract Standard 3 that a check can evaluate, in the terms of 3.1 and the older ones of
 * 3.0. Rules, options and keys that are not listed are kept as they are, and each is reported as not checked.
 */

export const ODCS_VERSION = 'v3.1.0';

/** A document is read once, in less time than zod takes to write code that would read it faster. */
export const READ_ONCE = { jitless: true } as const;

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
/** A finite number, also one in quotes. */
export const numeric = z.union([z.number(), z.string().regex(NUMBER).transform(Number)]).pipe(z.number());

/** A describing text; other values are ignored. */
const text = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .catch(undefined)
  .transform((value) => (value === null || value === undefined ? undefined : String(value)));
/** A text with a meaning; other values are kept, to be reported. */
const word = z
  .unknown()
  .transform((value) =>
    value === null || value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value),
  )
  .optional();
/** A requirement when true; refused when neither true nor false. */
const flag = z
  .union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')])
  .nullish()
  .transform((value) => value ?? undefined);
const customProperties = z
  .array(z.looseObject({ property: z.string(), value: z.unknown().optional() }))
  .nullish()
  .catch(undefined)
  .transform((value) => value ?? undefined);

/** A rule of quality: besides these fields it has operators, which start with `must`. */
export const odcsQuality = z.looseObject({
  id: text,
  name: text,
  type: word,
  metric: word,
  /** The name of `metric` in 3.0. */
  rule: word,
  engine: text,
  description: text,
  severity: text,
  unit: word,
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
  classification: text,
  logicalType: word,
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

/** Fields of any part of a schema that state no requirement. */
const DESCRIPTIVE = [
  ...['id', 'name', 'physicalName', 'physicalType', 'businessName', 'description', 'tags', 'deprecated'],
  ...['customProperties', 'authoritativeDefinitions', 'dataGranularityDescription', 'partitioned', 'encryptedName'],
  ...[
    'partitionKeyPosition',
    'transformSourceObjects',
    'transformLogic',
    'transformDescription',
    'criticalDataElement',
  ],
];
const OF_PART: ReadonlySet<string> = new Set([
  ...DESCRIPTIVE,
  ...Object.keys(property.shape),
  ...Object.keys(schemaObject.shape),
  ...['items', 'map'],
]);

const OF_DOCUMENT: ReadonlySet<string> = new Set([
  ...Object.keys(odcsDocument.shape),
  ...[
    'id',
    'name',
    'version',
    'status',
    'tenant',
    'domain',
    'dataProduct',
    'tags',
    'servers',
    'support',
    'price',
    'team',
  ],
  ...[
    'roles',
    'slaProperties',
    'slaDefaultElement',
    'authoritativeDefinitions',
    'customProperties',
    'contractCreatedTs',
  ],
]);

/** Unknown keys of a part of a document, with their values; one without a value is ignored. */
export function unknownKeys(
  part: Readonly<Record<string, unknown>>,
  known: 'of the document' | 'of a part' = 'of a part',
): readonly (readonly [string, unknown])[] {
  const names = known === 'of a part' ? OF_PART : OF_DOCUMENT;
  return Object.entries(part).filter(([key, value]) => !names.has(key) && value !== null && value !== undefined);
}

/** The value of one of our own properties. */
export function customOf(properties: CustomProperties, name: string): unknown {
  return properties?.find(({ property: known }) => known === `weir.${name}`)?.value ?? undefined;
}

/** Our own custom properties of a part. An invalid one is refused, not ignored. */
export function ownProperties<Known>(
  properties: CustomProperties,
  { known, path }: { readonly known: z.ZodType<Known>; readonly path: string },
) {
  const read = known.safeParse(
    Object.fromEntries(
      (properties ?? []).flatMap(({ property: name, value }) =>
        name.startsWith('weir.') && value !== null ? [[name.slice('weir.'.length), value] as const] : [],
      ),
    ),
    READ_ONCE,
  );
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const name = issue?.path.join('.') ?? '';
  throw new ContractError(
    'contract_invalid',
    `${path}, property ${`weir.${name}`.replace(/\.$/, '')}: ${issue?.message}.`,
    {
      cause: read.error,
    },
  );
}

/** An expectation with its rule, or else with its SQL over placeholders, so that it can be exported and read back. */
export const expectationTemplate = z.object({
  maker: z.string().optional(),
  level: z.enum(['column', 'row', 'table', 'distribution']),
  category: z.string(),
  atLeast: z.number().gt(0).lt(1).optional(),
  form: z.enum(['condition', 'key']).optional(),
  origin: z.string().optional(),
  column: z.string().optional(),
  columns: z.array(z.string()).optional(),
  rule: z.lazy(ruleSchema).optional(),
  sql: z.string().optional(),
});

/** Unchecked requirements of a contract, as they are exported and read back. */
export const uncheckedList = z.array(
  z.object({ path: z.string(), column: z.string().optional(), rule: z.string(), reason: z.string() }),
);
