import { z } from 'zod';

export const PAGE_SIZE_MAX = 500;
const SEARCH_LENGTH_MAX = 200;
// It may hold the name of a file.
const CURSOR_LENGTH_MAX = 4000;

/** The cursor of a list; the example is an order, a value of it and an id. */
export const listCursor = (example: readonly [string, string, string]) =>
  z
    .string()
    .max(CURSOR_LENGTH_MAX)
    .optional()
    .meta({
      description: '`nextCursor` of the page before, with the same `sort`; the first page unless set',
      examples: [btoa(JSON.stringify(example)).replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')],
    });

/** What the search of a list takes. */
export const listSearch = z
  .string()
  .max(SEARCH_LENGTH_MAX)
  .optional()
  .meta({
    description:
      'Words that each entry contains, whatever their case. A page looks through a bounded number of rows: while there is a `nextCursor`, there is more to look through',
    examples: ['failed'],
  });

/** What a list is sorted by, up or, with a minus, down. */
export function listSort<const O extends readonly [string, ...string[]]>(orders: O) {
  // Two names for each order, which is what the type says.
  const names = orders.flatMap((order) => [order, `-${order}`]) as [O[number] | `-${O[number]}`];
  return z
    .enum(names)
    .optional()
    .meta({ description: 'The order; with a minus the largest or newest first', examples: [`-${orders[0]}`] });
}

/** A day in `timezone`, or a moment. */
export const moment = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

export const timezone = z
  .string()
  .max(60)
  .default('UTC')
  .meta({ description: 'IANA name of the time zone that days are counted in', examples: ['Europe/Berlin'] });

/** How many entries a page has. */
export const pageSize = (max: number) =>
  z.coerce.number().int().min(1).max(max).default(50).meta({ description: 'Entries of a page' });
