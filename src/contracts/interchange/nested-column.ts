import { z } from 'zod';
import {
  boolean,
  type ColumnOptions,
  category,
  date,
  decimal,
  duration,
  integer,
  list,
  number,
  struct,
  text,
  time,
  timestamp,
} from '../columns.ts';
import { type Column, PLAIN_KINDS, type PlainKind } from '../contract.ts';
import { isDecimal, isDecimalKind, sizeOf } from '../kinds/decimal.ts';
import type { NestedColumn } from '../rules/cell-column.ts';
import { READ_ONCE } from './odcs.ts';

const bound = z.union([z.number(), z.string()]).optional();

const schema: z.ZodType<NestedColumn> = z.lazy(() =>
  z.strictObject({
    kind: z.union([z.enum(PLAIN_KINDS), z.string().refine(isDecimalKind)]),
    nullable: z.boolean(),
    ...{ min: bound, max: bound, pattern: z.string().optional(), categories: z.array(z.string()).optional() },
    ...{ lengthMin: z.int().optional(), lengthMax: z.int().optional() },
    of: schema.optional(),
    fields: z.record(z.string(), schema).optional(),
  }),
);

/** A list or a struct of a document that Weir wrote; undefined where the document says nothing of its parts. */
export function maybeNestedColumn(given: unknown, options: ColumnOptions): Column | undefined {
  const { data } = schema.safeParse(given, READ_ONCE);
  return data?.kind === 'list' || data?.kind === 'struct' ? columnOf(data, options) : undefined;
}

/** The same column by the function that makes it, which refuses what does not fit together. */
function columnOf(nested: NestedColumn, options: ColumnOptions = {}): Column {
  const { kind, nullable, of, fields = {}, categories = [], pattern, ...given } = nested;
  const base = { ...(nullable ? { nullable } : {}), ...options };
  const bounds = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (isDecimal(kind)) return decimal({ ...base, ...bounds, ...sizeOf(kind) });
  switch (kind) {
    case 'list':
      return list(of === undefined ? text({ nullable: true }) : columnOf(of), { ...base, ...bounds });
    case 'struct':
      return struct(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, columnOf(field)])), base);
    case 'category':
      return category(categories, base);
    case 'text':
      return text({ ...base, ...bounds, ...(pattern === undefined ? {} : { pattern }) });
    default:
      return MAKERS[kind]({ ...base, ...bounds });
  }
}

type Plain = Exclude<PlainKind, 'list' | 'struct' | 'category' | 'text'>;

const MAKERS: Readonly<Record<Plain, (options: ColumnOptions) => Column>> = {
  ...{ number, integer, boolean, date, timestamp, time, duration },
};
