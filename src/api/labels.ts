import { z } from 'zod';
import { listCursor, PAGE_SIZE_MAX, pageSize } from './list-query.ts';

/** Labels of one request. */
export const LABELS_MAX = 10_000;

const value = z.union([z.string(), z.number(), z.boolean()]).meta({ id: 'LabelValue' });
const rowId = z.union([z.string(), z.number()]).meta({ id: 'RowId' });

/** What really happened to one row. The server checks it against the contract, which says what ids and values are. */
const givenLabel = z
  .strictObject({
    rowId: rowId.nullish().meta({ description: "The row's own id: what it has in the column with role `id`" }),
    predictionId: z
      .string()
      .nullish()
      .meta({ description: 'Instead: the `id` of a prediction that was made for the row', examples: ['17'] }),
    value: value.meta({ description: 'What happened: a value of the column with role `label`' }),
    observedAt: z
      .string()
      .nullish()
      .meta({
        description: 'When it was so; of several labels of a row the newest counts. The time it came unless set',
        examples: ['2026-03-01T12:00:00Z'],
      }),
  })
  .meta({ id: 'GivenLabel' });

/** One label or many. */
export const labelsBody = z.union([z.array(givenLabel).min(1).max(LABELS_MAX), givenLabel]).meta({
  description: `One label, or a list of up to ${LABELS_MAX}. All are stored, or none.`,
});

export const labelsHeaders = z.object({
  'x-weir-source': z
    .enum(['api', 'webapp'])
    .optional()
    .meta({ description: 'What sends them; `api` unless set', examples: ['api'] }),
});

export const storedLabels = z
  .object({
    added: z.int().meta({ description: 'Labels of rows that had none' }),
    corrected: z.int().meta({ description: 'Labels that differ from the one that was known; both are kept' }),
    unchanged: z.int().meta({ description: 'Labels that were known already' }),
  })
  .meta({ id: 'StoredLabels', examples: [{ added: 2, corrected: 1, unchanged: 0 }] });

export const labelsQuery = z.strictObject({
  rowId: z.string().min(1).max(1000).optional().meta({ description: 'Labels of this row only' }),
  cursor: listCursor(['-received', '2026-03-01T12:00:00.000000Z', '1']),
  limit: pageSize(PAGE_SIZE_MAX),
});

const storedLabel = z
  .object({
    id: z.string(),
    rowId: z.string().nullable(),
    predictionId: z.string().nullable().meta({ description: 'Of a prediction whose row has no id' }),
    value,
    observedAt: z.iso.datetime(),
    receivedAt: z.iso.datetime(),
    source: z.enum(['api', 'webapp', 'file', 'ingest', 'cli']),
    isCurrent: z.boolean().meta({ description: 'Whether it counts: no other label of the row was observed later' }),
  })
  .meta({ id: 'StoredLabel' });

export const labels = z
  .object({ model: z.string(), items: z.array(storedLabel), nextCursor: z.string().nullable() })
  .meta({ id: 'Labels' });

export type StoredLabels = z.infer<typeof storedLabels>;
