import { z } from 'zod';
import { listCursor, pageSize } from './list-query.ts';
import { version } from './version.ts';

export const driftStreamName = z.enum(['data', 'predictions']).meta({
  description:
    '`data`: good rows of files, by their own time or else the arrival of the file. `predictions`: features as they were served and what was predicted',
});
const verdict = z.enum(['stable', 'drifted']);
const subject = z.enum(['feature', 'prediction', 'confidence']).meta({
  description: 'A feature, what was predicted, or the probability of the predicted class',
});
const kind = z.enum(['distribution', 'missing', 'new-category', 'skew']).meta({
  description:
    '`distribution`: of the values. `missing`: share of empty cells. `new-category`: categories that training did not have. `skew`: stored predictions that their model version does not repeat',
});

const driftWindow = z
  .object({
    id: z.string(),
    stream: driftStreamName,
    model: z.string(),
    version: z.int(),
    /** Included. */
    from: z.iso.datetime(),
    /** Not included. */
    to: z.iso.datetime(),
    status: z.enum(['judged', 'too-few-rows', 'no-reference']),
    verdict: verdict.nullable().meta({ description: 'Null unless `status` is `judged`' }),
    isSustained: z.boolean().meta({
      description: 'Whether something drifted in `k` of the last `n` windows, this one included',
    }),
    sustained: z.object({ k: z.int(), n: z.int() }),
    rows: z.int(),
    lateRows: z.int().meta({ description: 'Rows that arrived after the window was judged' }),
    sentence: z.string().meta({ description: 'The status in one sentence with its numbers' }),
    drifted: z.array(z.object({ subject, column: z.string(), kind, isSustained: z.boolean() })).meta({
      description: 'The comparisons that drifted',
    }),
    judgedAt: z.iso.datetime(),
    runId: z.string(),
  })
  .meta({ id: 'DriftWindow' });

const rowsOfBin = {
  reference: z.number().meta({ description: 'Rows of the training part, or of the test part for predictions' }),
  current: z.number().meta({ description: 'Rows of the window' }),
  before: z.number().nullable().meta({ description: 'Rows of the window before; null where there is none' }),
  stability: z.number().meta({ description: 'What the bin adds to the population stability index' }),
};
const driftBin = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('range'),
      from: z.number().nullable().meta({ description: 'Not included; null where the bin is open' }),
      to: z.number().nullable().meta({
        description: 'Included; null where the bin is open. Times are milliseconds since 1970',
      }),
      ...rowsOfBin,
    }),
    z.object({ kind: z.literal('category'), name: z.string(), isNew: z.boolean(), ...rowsOfBin }),
    z.object({
      kind: z.literal('others'),
      categories: z.int().meta({ description: 'So many rare categories together' }),
      ...rowsOfBin,
    }),
  ])
  .meta({ id: 'DriftBin' });

const driftScore = z
  .object({
    kind,
    test: z.string(),
    rows: z.object({ reference: z.int(), current: z.int() }),
    effect: z.number().meta({ description: 'How large the difference is, from 0 to 1' }),
    effectMin: z.number().meta({ description: 'A smaller difference is not called drift, even if significant' }),
    pValue: z.number().nullable(),
    pValueMax: z.number().nullable().meta({
      description: 'Up to it a difference is significant, after correction for all comparisons of the window',
    }),
    threshold: z.number().nullable().meta({
      description: 'From this effect on it is drift: significant for these numbers of rows, and at least `effectMin`',
    }),
    stabilityIndex: z.number().nullable(),
    stabilityThreshold: z.number().nullable().meta({
      description: 'The index that chance alone exceeds in the stated share of windows of this size',
    }),
    verdict,
    driftedWindows: z.int().meta({ description: 'In how many of the last `n` windows it drifted' }),
    isSustained: z.boolean(),
    examples: z.array(z.record(z.string(), z.unknown())).meta({ description: 'Of `skew`: predictions that differ' }),
  })
  .meta({ id: 'DriftScore' });

/** All comparisons of one column, the most important columns first. */
const driftColumn = z
  .object({
    subject,
    column: z.string(),
    importance: z.number().nullable().meta({
      description: "Share of the model's error that is due to the column, 0 to 1; null for what is no feature",
    }),
    rank: z.number().meta({ description: 'Columns are ordered by it: drift times importance' }),
    verdict,
    scores: z.array(driftScore),
    bins: z.array(driftBin).meta({ description: 'Empty for a sensitive column' }),
  })
  .meta({ id: 'DriftColumn' });

const driftWindowDetail = driftWindow
  .extend({
    before: z.string().nullable().meta({ description: 'Id of the judged window before' }),
    columns: z.array(driftColumn).meta({ description: 'By drift times importance, largest first' }),
    unjudged: z.array(z.object({ subject, column: z.string(), reason: z.string() })),
    files: z
      .array(z.object({ check: z.string(), file: z.string().nullable(), rows: z.int() }))
      .meta({ description: 'Files whose rows are in it, the first hundred; a check of that id may be gone' }),
    fileCount: z.int(),
  })
  .meta({ id: 'DriftWindowDetail' });

const driftStream = z
  .object({
    stream: driftStreamName,
    sentence: z.string().meta({ description: 'What holds now, in one sentence with its numbers' }),
    status: z.enum(['judged', 'too-few-rows', 'no-reference', 'no-window']),
    latest: driftWindowDetail.nullable().meta({ description: 'The newest window' }),
    history: z.array(driftWindow).meta({ description: 'The newest windows, newest first' }),
  })
  .meta({ id: 'DriftStream' });

export const driftQuery = z.strictObject({
  version: version.optional().meta({ description: 'A version of the model; the champion unless set' }),
});
export const drift = z
  .object({
    model: z.string(),
    version: z.int().nullable().meta({ description: 'Null while there is no champion' }),
    streams: z.array(driftStream),
  })
  .meta({ id: 'Drift' });

export const driftWindowsQuery = z.strictObject({
  stream: driftStreamName.optional().meta({ description: 'Windows of this stream only', examples: ['data'] }),
  version: version.optional().meta({ description: 'Windows of this version of the model only' }),
  cursor: listCursor(['-to', '2026-03-01T12:00:00.000000Z', '1']),
  limit: pageSize(200),
});
export const driftWindows = z
  .object({ items: z.array(driftWindow), nextCursor: z.string().nullable() })
  .meta({ id: 'DriftWindows' });
export { driftWindowDetail };

export type DriftStreamName = z.infer<typeof driftStreamName>;
export type Drift = z.infer<typeof drift>;
export type DriftWindow = z.infer<typeof driftWindow>;
export type DriftWindowDetail = z.infer<typeof driftWindowDetail>;
export type DriftColumn = z.infer<typeof driftColumn>;
export type DriftBin = z.infer<typeof driftBin>;
