import { compilePattern } from '../../patterns/compile-pattern.ts';
import type { CellInjector } from '../injector.ts';

/** A text longer than allowed, or of another form than the column's pattern. */
export const wrongFormat: CellInjector = {
  kind: 'wrong-format',
  level: 'cell',
  suits: (column) =>
    column.kind === 'text' &&
    column.alwaysNull !== true &&
    (column.lengthMax !== undefined || column.pattern !== undefined),
  inject: (before, { column }) => {
    if (column.kind !== 'text') return before;
    const long = (before || 'x').padEnd((column.lengthMax ?? 0) + 1, 'x');
    if (column.lengthMax !== undefined) return long;
    const form = compilePattern(column.pattern ?? '');
    // A pattern that allows all of these allows everything.
    return [`${before}\u00a7`, '\u00a7', `${before} ${before}`, '-'].find((text) => !form.matches(text)) ?? '\u00a7';
  },
};
