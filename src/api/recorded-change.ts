import { z } from 'zod';

/** Fields of a body that changes something on record: why, and by whom; as the client says where there is no login. */
export const recordedChange = {
  reason: z.string().trim().min(1).max(500).meta({ description: 'Why it is changed; kept on record.' }),
  by: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .default('somebody at the API')
    .meta({ description: 'Who changes it; kept on record. With a login it is the user or the key, whatever is sent.' }),
};

/** Whether a body has the fields of a change on record. */
export function isRecordedChange(body: z.ZodType | undefined): boolean {
  return body instanceof z.ZodObject && body.shape.by === recordedChange.by;
}
