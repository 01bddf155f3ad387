import { z } from 'zod';

/** One thing wrong with one field of one row sent to be predicted. Rows count from 0, as sent. */
export const rowProblem = z
  .object({
    row: z.int(),
    field: z.string(),
    expected: z.string(),
    got: z.string(),
  })
  .meta({ id: 'RowProblem' });

export const errorBody = z
  .object({
    code: z.string(),
    message: z.string(),
    problems: z.array(rowProblem).optional(),
  })
  .meta({ id: 'Error' });

export type RowProblem = z.infer<typeof rowProblem>;
export type ErrorBody = z.infer<typeof errorBody>;
