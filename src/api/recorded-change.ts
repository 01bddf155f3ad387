import { z } from 'zod';

/** Fields of a body that changes something on record: why, and by whom; given by the client, because there is no login. */
export const recordedChange = {
  reason: z.string().trim().min(1).max(500).meta({ description: 'Why it is changed; kept on record.' }),
  by: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .default('somebody at the API')
    .meta({ description: 'Who changes it; kept on record.' }),
};
