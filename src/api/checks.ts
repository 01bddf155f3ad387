import { z } from 'zod';
import { listCursor, listSearch, listSort, moment, pageSize, timezone } from './list-query.ts';

export const verdict = z.enum(['pass', 'warn', 'fail', 'quarantined']);
export const criticality = z.enum(['low', 'medium', 'high']);

export const violationExample = z
  .object({
    at: z
      .enum(['line', 'row'])
      .meta({ description: 'What number counts: lines of the file, or rows where its format has no lines' }),
    number: z.int(),
    values: z.array(
      z.object({
        column: z.string().optional().meta({ description: 'Absent for a whole record that is no row' }),
        text: z
          .string()
          .nullable()
          .meta({ description: 'As it stands in the file, shortened when long; null when it is sensitive' }),
      }),
    ),
  })
  .meta({ id: 'ViolationExample' });

export const violation = z
  .object({
    expectation: z.string(),
    column: z.string().nullable(),
    category: z.string(),
    severity: z.enum(['warn', 'fail']),
    rows: z.int(),
    share: z.number(),
    sentence: z.string(),
    examples: z.array(violationExample).meta({ description: 'The first rows that violate it, a few at most' }),
  })
  .meta({ id: 'Violation' });

export const check = z
  .object({
    id: z.string(),
    file: z.string(),
    digest: z.string(),
    sizeBytes: z.int(),
    rows: z.object({ in: z.int(), good: z.int(), bad: z.int(), rejected: z.int() }),
    verdict,
    criticality: criticality.nullable(),
    summary: z.string(),
    durationMs: z.number(),
    checkedAt: z.iso.datetime(),
    reportUrl: z.string().nullable(),
  })
  .meta({ id: 'Check' });

export const checkedPart = z
  .object({
    part: z.enum(['good', 'bad', 'reasons', 'rejected']).meta({
      description: 'Good rows; bad rows, or a bad file as a whole; the reasons of a bad file; records that are no rows',
    }),
    path: z.string().meta({ description: 'Where it is, relative to the project' }),
    sizeBytes: z.int(),
    url: z.string().nullable().meta({ description: 'Where to download it; null when it holds sensitive values' }),
  })
  .meta({ id: 'CheckedPart' });

export const checkDetail = check
  .extend({
    violations: z.array(violation),
    runId: z.string().nullable().meta({ description: 'The run that ingested the file' }),
    parts: z.array(checkedPart).meta({ description: 'The parts of the file that are still where the run placed them' }),
  })
  .meta({ id: 'CheckDetail' });
export const checkedPartPath = z.object({
  id: z
    .string()
    .min(1)
    .max(200)
    .meta({ examples: ['1'] }),
  part: checkedPart.shape.part.meta({ description: 'Which part', examples: ['bad'] }),
});
export const checksSort = listSort(['checked', 'file', 'rows', 'unusable']);
export const checksQuery = z.strictObject({
  verdict: verdict.optional().meta({ description: 'Files with this verdict', examples: ['fail'] }),
  from: moment.optional().meta({ description: 'The first day or moment', examples: ['2026-03-01'] }),
  to: moment.optional().meta({ description: 'The last day or moment', examples: ['2099-12-31T12:00:00Z'] }),
  timezone,
  sort: checksSort,
  search: listSearch,
  cursor: listCursor(['-checked', '2026-03-01T12:00:00.000000Z', '1']),
  limit: pageSize(200),
});
export const checks = z.object({ items: z.array(check), nextCursor: z.string().nullable() }).meta({ id: 'Checks' });

export type ViolationExample = z.infer<typeof violationExample>;
export type CheckedPart = z.infer<typeof checkedPart>;
export type Check = z.infer<typeof check>;
export type Checks = z.infer<typeof checks>;
export type CheckDetail = z.infer<typeof checkDetail>;
export type Verdict = z.infer<typeof verdict>;
export type Criticality = z.infer<typeof criticality>;
