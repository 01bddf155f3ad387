import { z } from 'zod';

export const verdict = z.enum(['pass', 'warn', 'fail', 'quarantined']);
export const criticality = z.enum(['low', 'medium', 'high']);

export const violation = z
  .object({
    expectation: z.string(),
    column: z.string().nullable(),
    category: z.string(),
    severity: z.enum(['warn', 'fail']),
    rows: z.int(),
    share: z.number(),
    sentence: z.string(),
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

export const checkDetail = check.extend({ violations: z.array(violation) }).meta({ id: 'CheckDetail' });
export const checksQuery = z.strictObject({
  verdict: verdict.optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const checks = z.object({ items: z.array(check), nextCursor: z.string().nullable() }).meta({ id: 'Checks' });

export type Check = z.infer<typeof check>;
export type Checks = z.infer<typeof checks>;
export type CheckDetail = z.infer<typeof checkDetail>;
export type Verdict = z.infer<typeof verdict>;
export type Criticality = z.infer<typeof criticality>;
