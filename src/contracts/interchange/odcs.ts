import { z } from 'zod';

/*
 * The part of the Open Data Contract Standard 3.1 that a contract is written in. Keys that are not listed are passed over
 * when a document is read: a contract of another tool says many things that a check does not need.
 */

export const ODCS_VERSION = 'v3.1.0';

const customProperties = z.array(z.object({ property: z.string(), value: z.unknown() })).optional();

const quality = z.object({
  name: z.string().optional(),
  type: z.string().optional(),
  metric: z.string().optional(),
  engine: z.string().optional(),
  description: z.string().optional(),
  severity: z.string().optional(),
  implementation: z.unknown().optional(),
  arguments: z.record(z.string(), z.unknown()).optional(),
  mustBe: z.number().optional(),
  mustBeBetween: z.tuple([z.number(), z.number()]).optional(),
  mustBeGreaterOrEqualTo: z.number().optional(),
  mustBeLessOrEqualTo: z.number().optional(),
});

const property = z.object({
  name: z.string(),
  businessName: z.string().optional(),
  description: z.string().optional(),
  logicalType: z.string().optional(),
  logicalTypeOptions: z
    .object({
      minimum: z.number().optional(),
      maximum: z.number().optional(),
      pattern: z.string().optional(),
      minLength: z.number().optional(),
      maxLength: z.number().optional(),
    })
    .optional(),
  required: z.boolean().optional(),
  unique: z.boolean().optional(),
  primaryKey: z.boolean().optional(),
  primaryKeyPosition: z.number().optional(),
  examples: z.array(z.unknown()).optional(),
  quality: z.array(quality).optional(),
  customProperties,
});

const schemaObject = z.object({
  name: z.string(),
  logicalType: z.string().optional(),
  physicalType: z.string().optional(),
  description: z.string().optional(),
  properties: z.array(property),
  quality: z.array(quality).optional(),
  customProperties,
});

export const odcsDocument = z.object({
  apiVersion: z.string().regex(/^v?3\./, 'a version 3 of the standard'),
  kind: z.literal('DataContract'),
  id: z.string(),
  version: z.string(),
  status: z.string(),
  name: z.string().optional(),
  description: z.object({ purpose: z.string().optional() }).optional(),
  schema: z.array(schemaObject).min(1),
  customProperties,
});

export type OdcsDocument = z.infer<typeof odcsDocument>;
export type OdcsProperty = z.infer<typeof property>;
export type OdcsQuality = z.infer<typeof quality>;
export type OdcsSchema = z.infer<typeof schemaObject>;
export type CustomProperties = z.infer<typeof customProperties>;

/** What an expectation is, with its SQL over placeholders, so that it can be written down and read back. */
export const expectationTemplate = z.object({
  maker: z.string().optional(),
  level: z.enum(['column', 'row', 'table', 'distribution']),
  category: z.string(),
  form: z.enum(['condition', 'key']).optional(),
  column: z.string().optional(),
  columns: z.array(z.string()).optional(),
  sql: z.string(),
});
