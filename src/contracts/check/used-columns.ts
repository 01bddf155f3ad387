import type { Expectation } from '../contract.ts';
import { columnsNamedBy } from '../define-contract.ts';

/** A text, a quoted name, or a name without quotes. */
const NAMES = /'(?:[^']|'')*'|"((?:[^"]|"")*)"|[\p{L}_][\p{L}\p{N}_]*/gu;

/** Whether it says which columns it looks at; what people write in SQL need not. */
export function isDeclared({ column, columns }: Expectation): boolean {
  return column !== undefined || columns !== undefined;
}

/**
 * Those of the columns that expectations may look at: what they name, and what the SQL of people mentions beside that. One
 * that names none may look at any.
 */
export function columnsUsedBy(expectations: readonly Expectation[], columns: Iterable<string>): Set<string> {
  if (!expectations.every(isDeclared)) return new Set(columns);
  const spellings = new Map([...columns].map((name) => [name.toLowerCase(), name]));
  return new Set(
    expectations.flatMap((expectation) => [
      ...columnsNamedBy(expectation),
      ...mentionedBy(expectation).flatMap((name) => spellings.get(name.toLowerCase()) ?? []),
    ]),
  );
}

function mentionedBy({ sql }: Expectation): readonly string[] {
  const nothing = (): string => 'null';
  const text = sql({ table: 'rows', typed: nothing, typedAs: nothing, raw: nothing, constant: nothing });
  return [...text.matchAll(NAMES)].map(([name, quoted]) => quoted?.replaceAll('""', '"') ?? name);
}
