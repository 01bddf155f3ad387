import type { CellValue, ColumnKind } from '../cell.ts';
import { maybeJsonValue } from '../kinds/cell-value.ts';
import type { NestedColumn } from './cell-column.ts';
import { limitsOf } from './cell-limits.ts';
import type { CellTest } from './rule.ts';

type IsMet = (text: string | null, value: CellValue | null) => boolean;
type Compile = (test: CellTest, kind: ColumnKind) => IsMet | undefined;

/** Whether a JSON value is a list or a struct whose parts are all what their columns say. */
export function nestedTest(column: NestedColumn, compile: Compile): (value: unknown) => boolean {
  if (column.kind === 'list') return listTest(column, compile);
  return column.kind === 'struct' ? structTest(column, compile) : plainTest(column, compile);
}

function listTest({ of, lengthMin = 0, lengthMax = Number.POSITIVE_INFINITY }: NestedColumn, compile: Compile) {
  const isItem = of === undefined ? () => true : partTest(of, compile);
  return (value: unknown): boolean =>
    Array.isArray(value) &&
    value.length >= lengthMin &&
    value.length <= lengthMax &&
    value.every((item) => isItem(item));
}

function structTest({ fields = {} }: NestedColumn, compile: Compile) {
  const tests = Object.entries(fields).map(([name, field]) => [name, partTest(field, compile)] as const);
  return (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const own = value as Readonly<Record<string, unknown>>;
    return tests.every(([name, isField]) => isField(Object.hasOwn(own, name) ? own[name] : undefined));
  };
}

function plainTest(column: NestedColumn, compile: Compile) {
  const limits = limitsOf(column).flatMap((test) => compile(test, column.kind) ?? []);
  return (given: unknown): boolean => {
    const value = maybeJsonValue(column.kind, given);
    if (value === undefined) return false;
    const text = typeof value === 'string' ? value : null;
    return limits.every((isMet) => isMet(text, value));
  };
}

/** An absent field and an empty text are null, as they are in rows. */
function partTest(column: NestedColumn, compile: Compile) {
  const isMet = nestedTest(column, compile);
  return (value: unknown): boolean =>
    value === undefined || value === null || value === '' ? column.nullable : isMet(value);
}
