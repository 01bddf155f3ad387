import { z } from 'zod';

const preview = z.union([
  z.object({
    kind: z.enum(['json', 'text']),
    text: z.string(),
    isCut: z.boolean().meta({ description: 'Whether there is more than this' }),
  }),
  z.object({
    kind: z.enum(['image']),
    mediaType: z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/svg+xml']),
  }),
  z.object({
    kind: z.enum(['table']),
    format: z.enum(['csv', 'parquet']),
    columns: z.array(z.string()).meta({ description: 'Names of the first columns' }),
    columnCount: z.int(),
    rows: z.array(z.array(z.string())).meta({ description: 'The first rows; long cells are cut' }),
    rowCount: z.int().nullable().meta({ description: 'Null when the file is too large to count them' }),
  }),
  z.object({ kind: z.enum(['none']) }),
]);

/** A record that an output is, or is the source of. */
export const outputLink = z
  .object({
    kind: z.enum(['check', 'report', 'dataset', 'model', 'alerts', 'predictions']),
    id: z.string().nullable().meta({ description: 'Id of a check, version of a dataset or a model' }),
  })
  .meta({ id: 'OutputLink' });

/** One output of a task run, and what can be seen of it. */
export const taskOutput = z
  .object({
    name: z.string(),
    kind: z.enum(['value', 'blob', 'file', 'rows']),
    digest: z.string(),
    sizeBytes: z.int().nullable().meta({ description: 'Of a value, a blob or a file' }),
    path: z.string().nullable().meta({ description: 'Where a file was placed' }),
    rowCount: z.int().nullable().meta({ description: 'Of rows: how many were written' }),
    table: z.string().nullable().meta({ description: 'Of rows: the table that holds them, if the task names it' }),
    sink: z.string().nullable().meta({ description: "Of rows: the sink; null for Weir's own database" }),
    isStored: z.boolean().meta({ description: 'False when its bytes were removed or replaced since' }),
    preview: preview.nullable(),
    contentUrl: z.string().nullable().meta({ description: 'Where its bytes can be downloaded' }),
    links: z.array(outputLink),
  })
  .meta({ id: 'TaskOutput' });

const name = z.string().min(1).max(200);

export const taskRunPath = z.object({
  id: name.meta({ description: 'A run', examples: ['1'] }),
  goal: name.meta({ description: '`goal` of one of its task runs', examples: ['1'] }),
});

export const outputPath = taskRunPath.extend({
  output: name.meta({ description: 'Name of one of its outputs', examples: ['report'] }),
});

/** What a task run made or found: nothing until it has succeeded. */
export const taskRunResult = z
  .object({
    version: z.string().nullable(),
    key: z.string().nullable(),
    runId: z.string().nullable().meta({ description: 'The run that computed it' }),
    committedAt: z.iso.datetime().nullable(),
    inputs: z.array(z.object({ name: z.string(), task: z.string(), key: z.string() })),
    outputs: z.array(taskOutput),
  })
  .meta({ id: 'TaskRunResult' });

export type OutputPreview = z.infer<typeof preview>;
export type OutputLink = z.infer<typeof outputLink>;
export type TaskOutput = z.infer<typeof taskOutput>;
export type TaskRunResult = z.infer<typeof taskRunResult>;
