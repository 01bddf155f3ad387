import { z } from 'zod';

// The largest integer of PostgreSQL.
const VERSION_MAX = 2_147_483_647;

/** The number of a version of the model or of its dataset, in an address. */
export const version = z.coerce
  .number()
  .int()
  .min(1)
  .max(VERSION_MAX)
  .meta({ examples: [1] });
export const versionPath = z.object({ version });
