import { z } from 'zod';

/** How values of a column are read from texts, such as cells of a CSV file or fields of a form. */
export const cellForm = z
  .object({
    /** The JSON type of a value. */
    json: z.enum(['number', 'boolean', 'string']),
    /** Numbers with a fraction are no values. */
    isWhole: z.boolean().optional(),
    /** The texts for true and for false, in lower case. */
    booleans: z.object({ true: z.array(z.string()), false: z.array(z.string()) }).optional(),
    /** A JavaScript regular expression that must match the whole text of a value. */
    form: z.string().optional(),
    /** Only this many leading characters of the text are the value. */
    keeps: z.int().optional(),
  })
  .meta({ id: 'CellForm' });

/** One column of the contract, as forms, tables and clients need it. */
export const contractColumn = z
  .object({
    name: z.string(),
    kind: z.enum(['number', 'integer', 'boolean', 'category', 'text', 'timestamp', 'date']),
    cell: cellForm,
    /** Description of a value: `a whole number from 0 to 100`. */
    expected: z.string(),
    role: z.enum(['id', 'feature', 'label', 'time', 'meta']),
    nullable: z.boolean(),
    /** Whether a value is always missing. */
    alwaysNull: z.boolean().optional(),
    label: z.string(),
    description: z.string().optional(),
    unit: z.string().optional(),
    decimals: z.int().optional().meta({ description: 'Digits after the decimal point that pages show' }),
    min: z.number().optional(),
    max: z.number().optional(),
    categories: z.array(z.string()).optional(),
    pattern: z.string().optional(),
    lengthMin: z.int().optional(),
    lengthMax: z.int().optional(),
    examples: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
  })
  .meta({ id: 'ContractColumn' });

export const contractAnswer = z
  .object({
    name: z.string(),
    description: z.string().optional(),
    columns: z.array(contractColumn),
    /** The label column's name: what is predicted. */
    label: z.string(),
    /** Sentences of every expectation, in order. */
    expectations: z.array(z.string()),
  })
  .meta({ id: 'Contract' });

export const projectAnswer = z
  .object({
    name: z.string(),
    title: z.string(),
    environment: z.string(),
    version: z.string(),
    /** Without a contract there are no files to check, no predictions and no model versions. */
    hasModel: z.boolean(),
    pipelines: z.array(
      z.object({
        name: z.string(),
        description: z.string(),
        /** Description of its params; null when it takes none. */
        takes: z.string().nullable().default(null),
        /** Whether it requires params. */
        needsParams: z.boolean().default(false),
        cron: z.string(),
        nextRunAt: z.iso.datetime().nullable(),
      }),
    ),
  })
  .meta({ id: 'Project' });

export const healthAnswer = z
  .object({
    status: z.enum(['ok', 'starting', 'failing']),
    checks: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string().optional() })),
  })
  .meta({ id: 'Health' });

export type ContractColumn = z.infer<typeof contractColumn>;
export type ContractAnswer = z.infer<typeof contractAnswer>;
export type ProjectAnswer = z.infer<typeof projectAnswer>;
export type HealthAnswer = z.infer<typeof healthAnswer>;
