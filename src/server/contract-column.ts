import type { ContractColumn } from '#api';
import { type Column, expectedOf, isOrdered, maybeExampleOf } from '#contracts';

/** A column in the form of the API. */
export function toContractColumn(name: string, column: Column): ContractColumn {
  const { kind, role, nullable, unique, alwaysNull, optional, label, header, description, unit, examples } = column;
  return withoutUndefined({
    name,
    kind,
    expected: expectedOf({ ...column, nullable: false }),
    role,
    nullable,
    unique: unique || undefined,
    alwaysNull,
    optional: optional || undefined,
    header,
    label: label ?? name,
    description,
    unit,
    coerce: column.coerce === undefined ? undefined : [...column.coerce],
    examples: examples === undefined ? examplesOfPattern(column) : [...examples],
    ...limitsOf(column),
  });
}

/** Nobody guesses a text that has the form of a pattern. */
function examplesOfPattern(column: Column): [string] | undefined {
  if (column.kind !== 'text' || column.pattern === undefined || column.alwaysNull === true) return undefined;
  const example = maybeExampleOf(column.pattern, column);
  return example === undefined ? undefined : [example];
}

function limitsOf(column: Column): Partial<ContractColumn> {
  if (isOrdered(column)) return withoutUndefined({ min: column.min, max: column.max });
  switch (column.kind) {
    case 'number':
    case 'integer':
      return withoutUndefined({ min: column.min, max: column.max, decimals: column.decimals });
    case 'category':
      return { categories: [...column.categories] };
    case 'text':
      return withoutUndefined({ pattern: column.pattern, lengthMin: column.lengthMin, lengthMax: column.lengthMax });
    case 'list':
      return withoutUndefined({ lengthMin: column.lengthMin, lengthMax: column.lengthMax });
    case 'struct':
    case 'boolean':
    case 'timestamp':
    case 'date':
      return {};
    default:
      return column satisfies never;
  }
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

function withoutUndefined<T extends object>(value: T): Defined<T> {
  // Undefined values are dropped, so the type is right.
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Defined<T>;
}
