import type { Statement } from '#store';

/** The SQL of a statement, prepared or not. */
export const textOf = (statement: Statement): string => (typeof statement === 'string' ? statement : statement.text);
