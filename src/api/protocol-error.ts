import { z } from 'zod';
import { errorBody } from './errors.ts';

/** An error of a route that clients of other systems call: they read `error`. */
export const protocolError = z
  .object({
    ...errorBody.shape,
    error: z
      .string()
      .optional()
      .meta({ description: 'The same as `detail`, where clients of the protocol look for it' }),
  })
  .meta({ id: 'ProtocolError' });
