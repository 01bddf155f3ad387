import { z } from 'zod';

const IN_FLIGHT_MAX = 10_000;

/** Settings of the executor `remote`. */
export const remoteSettings = z.strictObject({
  transport: z.enum(['pg-boss']).default('pg-boss').meta({
    description: 'What brings task runs to workers: `pg-boss`, over the database of Weir, with no other server.',
  }),
  inFlight: z.int().min(1).max(IN_FLIGHT_MAX).default(100).meta({
    description:
      'How many task runs may be with workers, or on the way to them, at the same time. At least the slots of all workers; more of them waiting delay what becomes urgent.',
  }),
});
