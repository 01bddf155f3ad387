import { z } from 'zod';

/** The id of a record that the database numbers. It is text, because such numbers may be larger than JSON's. */
export const numberId = z
  .string()
  .regex(/^\d{1,18}$/, 'an id of digits')
  .meta({ examples: ['1'] });
