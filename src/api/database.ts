import { z } from 'zod';

/** How programs connect to the project's database, and what they find there. */
export const databaseAnswer = z
  .object({
    host: z.string(),
    port: z.int(),
    /** Name of the database. */
    name: z.string(),
    user: z.string(),
    /** File with the password, relative to the project; null when the address of the database is of the settings. */
    passwordFile: z.string().nullable(),
    /** A line for a shell in the folder of the project. */
    psql: z.string(),
    /** A statement for DuckDB. */
    duckdb: z.string(),
    /** Tables and views that other programs may rely on. */
    tables: z.array(z.object({ name: z.string(), description: z.string() })),
  })
  .meta({ id: 'DatabaseConnection' });

export type DatabaseConnection = z.infer<typeof databaseAnswer>;
