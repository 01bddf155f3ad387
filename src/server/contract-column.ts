import type { ContractColumn } from '#api';
import { type Column, expectedOf, kindForm } from '#contracts';

/** A column in the form of the API. */
export function toContractColumn(name: string, column: Column): ContractColumn {
  const { kind, role, nullable, alwaysNull, label, description, unit, examples } = column;
  return withoutUndefined({
    name,
    kind,
    cell: toCellForm(column),
    expected: expectedOf({ ...column, nullable: false }),
    role,
    nullable,
    alwaysNull,
    label: label ?? name,
    description,
    unit,
    examples: examples === undefined ? undefined : [...examples],
    ...limitsOf(column),
  });
}

function toCellForm({ kind }: Column): ContractColumn['cell'] {
  const { booleans, ...form } = kindForm(kind);
  return booleans === undefined
    ? form
    : { ...form, booleans: { true: [...booleans.true], false: [...booleans.false] } };
}

function limitsOf(column: Column): Partial<ContractColumn> {
  switch (column.kind) {
    case 'number':
    case 'integer':
      return withoutUndefined({ min: column.min, max: column.max, decimals: column.decimals });
    case 'category':
      return { categories: [...column.categories] };
    case 'text':
      return withoutUndefined({ pattern: column.pattern, lengthMin: column.lengthMin, lengthMax: column.lengthMax });
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
