import { z } from 'zod';

/** Fields of the queries of lists. */
export const cursor = z
  .string()
  .max(200)
  .optional()
  .meta({
    description: '`nextCursor` of the page before; the first page unless set',
    examples: ['MjAyNi0wMy0wMVQxMjowMDowMC4wMDAwMDBaIDE'],
  });
export const timezone = z
  .string()
  .max(60)
  .default('UTC')
  .meta({ description: 'IANA name of the time zone that days are counted in', examples: ['Europe/Berlin'] });

/** How many entries a page has. */
export const pageSize = (max: number) =>
  z.coerce.number().int().min(1).max(max).default(50).meta({ description: 'Entries of a page' });
