import { z } from 'zod';

/** The orders that a list of the API offers, up and down. */
export function listSort<const O extends string>(orders: readonly O[]): z.ZodType<O | `-${O}` | undefined> {
  return z.custom<O | `-${O}` | undefined>(
    (value) => value === undefined || orders.some((order) => value === order || value === `-${order}`),
  );
}
