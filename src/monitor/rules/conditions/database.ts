import { z } from 'zod';
import { defineCondition } from './condition.ts';

/** The kind of rule that is evaluated without the database, in memory. */
export const DATABASE_UNREACHABLE = 'database-unreachable';

export const databaseUnreachable = defineCondition({
  kind: DATABASE_UNREACHABLE,
  title: 'The database cannot be read or written',
  suggested: { threshold: 2, severity: 'high' },
  unit: 'minutes',
  firesWhen: 'at-least',
  params: z.strictObject({}),
  everyMinutes: 1,
  untriable: 'While the database is unreachable, nothing is written that a trial could read.',
  describe: () => 'Time for which this server could neither read nor write what alert rules need in the database.',
  // Whoever can ask has reached it; `start-rules.ts` counts while nobody can.
  measure: async ({ moments }) => moments.map(() => ({ value: 0, detail: null })),
});
