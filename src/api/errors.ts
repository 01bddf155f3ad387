import { z } from 'zod';

/** Media type of every error of the API (RFC 9457). */
export const PROBLEM_TYPE = 'application/problem+json';

/** One thing wrong with one field of one row sent to be predicted. Rows count from 0, as sent. */
export const rowProblem = z
  .object({
    row: z.int(),
    field: z.string(),
    expected: z.string(),
    got: z.string(),
  })
  .meta({ id: 'RowProblem' });

/** Problem details (RFC 9457), with `code` and `problems` as our own members. */
export const errorBody = z
  .object({
    type: z.string().meta({ description: 'Names the kind of error: `urn:weir:error:` and its code' }),
    title: z.string().meta({ description: 'What the code means; the same for every error of the kind' }),
    status: z.int().min(400).max(599).meta({ description: 'The HTTP status' }),
    detail: z.string().meta({ description: 'What was expected, what came, and what to do' }),
    instance: z.string().meta({ description: 'Names this answer: `urn:weir:request:` and the request id of the log' }),
    code: z.string().meta({ description: 'The kind of error as one word; see docs/errors.md' }),
    problems: z.array(rowProblem).optional(),
  })
  .meta({ id: 'Error' });

/** The problem type of an error code: it names the kind of error and leads to no page. */
export const errorType = (code: string): string => `urn:weir:error:${code}`;

export type RowProblem = z.infer<typeof rowProblem>;
export type ErrorBody = z.infer<typeof errorBody>;
