import { z } from 'zod';
import { coercion } from './coercions.ts';

const plainKinds = [
  'number',
  'integer',
  'boolean',
  'category',
  'text',
  'timestamp',
  'date',
  'time',
  'duration',
  'list',
  'struct',
] as const;
/** Decimals name their digits in all and behind the point: `decimal(12,2)`. */
const columnKind = z.union([z.enum(plainKinds), z.templateLiteral(['decimal(', z.int(), ',', z.int(), ')'])]);
/** Bounds of decimals, times and durations are texts, as cells are written. */
const bound = z.union([z.number(), z.string()]);

/** One column of the contract, as forms, tables and clients need it. */
export const contractColumn = z
  .object({
    name: z.string(),
    kind: columnKind,
    /** Description of a value: `a whole number from 0 to 100`. */
    expected: z.string(),
    role: z.enum(['id', 'feature', 'label', 'time', 'meta']),
    nullable: z.boolean(),
    /** No two rows of a file have the same value. */
    unique: z.boolean().optional(),
    /** Every cell must be empty. */
    alwaysNull: z.boolean().optional(),
    /** A file may lack the column, and a row the field. */
    optional: z.boolean().optional(),
    label: z.string(),
    /** What the first line of a file calls it, when that is not its name. */
    header: z.string().optional(),
    description: z.string().optional(),
    unit: z.string().optional(),
    decimals: z.int().optional().meta({ description: 'Digits after the decimal point that pages show' }),
    min: bound.optional(),
    max: bound.optional(),
    categories: z.array(z.string()).optional(),
    pattern: z.string().optional(),
    lengthMin: z.int().optional(),
    lengthMax: z.int().optional(),
    coerce: z.array(coercion).optional().meta({ description: 'How its cells may be changed' }),
    examples: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
  })
  .meta({ id: 'ContractColumn' });

const words = z.array(z.string());
/** How files are written, where that differs from the default form; `FileFormat` describes each setting. */
const fileFormat = z
  .object({
    delimiter: z.string().optional(),
    quote: z.string().nullable().optional(),
    escape: z.enum(['doubled', 'backslash']).optional(),
    headerRows: z.int().optional(),
    skipLines: z.int().optional(),
    comment: z.string().optional(),
    hasTrailingDelimiter: z.boolean().optional(),
    blanks: z.enum(['kept', 'skipped', 'trimmed']).optional(),
    encoding: z.string().optional(),
    nulls: words.optional(),
    decimal: z.string().optional(),
    thousands: z.string().optional(),
    dates: words.optional(),
    timestamps: words.optional(),
    booleans: z.object({ true: words, false: words }).optional(),
  })
  .meta({ id: 'FileFormat' });

export const contractAnswer = z
  .object({
    name: z.string(),
    description: z.string().optional(),
    columns: z.array(contractColumn),
    /** What separates the cells of a CSV file whose first line does not show it. */
    delimiter: z.enum([',', ';', '\t', '|']),
    /** How files are written; absent when they are in the default form. */
    format: fileFormat.optional(),
    /** The label column's name: what is predicted. */
    label: z.string(),
    /** Sentences of every expectation, in order. */
    expectations: z.array(z.string()),
    /**
     * Those of them that rows in JSON are asked about, as data, so that a form can ask them too: of cells, rows and keys,
     * that make rows bad and need neither SQL nor code. Absent when there are none.
     */
    rules: z.array(z.object({ sentence: z.string(), rule: z.record(z.string(), z.unknown()) })).optional(),
  })
  .meta({ id: 'Contract' });

/** Which version of the project runs, and why it is not the one on disk. */
export const loadedProject = z
  .object({
    loadedAt: z.iso.datetime(),
    /** Whether changes are noticed; else they are loaded on request. */
    isWatching: z.boolean(),
    /** Why the project on disk cannot be loaded, with file and line. */
    problem: z.object({ message: z.string(), at: z.iso.datetime() }).nullable(),
  })
  .meta({ id: 'LoadedProject' });

export const projectAnswer = z
  .object({
    name: z.string(),
    title: z.string(),
    environment: z.string(),
    version: z.string(),
    loaded: loadedProject.nullable().default(null),
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

export const liveAnswer = z
  .object({
    status: z.literal('ok'),
    uptimeSeconds: z.number().meta({ description: 'Since the process started' }),
  })
  .meta({ id: 'Live' });

export const healthAnswer = z
  .object({
    status: z.enum(['ok', 'starting', 'failing', 'stopping']),
    checks: z.record(
      z.string(),
      z.object({
        ok: z.boolean(),
        detail: z.string().optional(),
        durationMs: z.number().optional().meta({ description: 'How long the check took' }),
      }),
    ),
  })
  .meta({ id: 'Health' });

export type LoadedProject = z.infer<typeof loadedProject>;
export type ContractColumn = z.infer<typeof contractColumn>;
export type ContractAnswer = z.infer<typeof contractAnswer>;
export type ProjectAnswer = z.infer<typeof projectAnswer>;
export type HealthAnswer = z.infer<typeof healthAnswer>;
