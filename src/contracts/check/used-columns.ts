import type { Expectation } from '../contract.ts';
import { columnsNamedBy } from '../define-contract.ts';
import type { Rule } from '../rules/rule.ts';
import { namesItsColumns } from './names-its-columns.ts';

/** A text, a quoted name, or a name without quotes; what is not closed reaches to the end. */
const NAMES = /'(?:[^']|'')*'?|"((?:[^"]|"")*)"?|[\p{L}_][\p{L}\p{N}_]*/gu;

/** Whether it declares the columns it uses; user-written SQL need not. */
export function isDeclared({ column, columns }: Expectation): boolean {
  return column !== undefined || columns !== undefined;
}

/**
 * The columns that expectations may use: those they declare, and those that user-written SQL mentions. An expectation
 * that declares none may use any.
 */
export function columnsUsedBy(expectations: readonly Expectation[], columns: Iterable<string>): Set<string> {
  return expectations.every(isDeclared) ? columnsRead(expectations, columns) : new Set(columns);
}

/** The same, but an expectation that declares none may use only those that its SQL names, where that is certain. */
export function columnsAskedBy(expectations: readonly Expectation[], columns: Iterable<string>): Set<string> {
  return expectations.every((each) => isDeclared(each) || namesAll(each))
    ? columnsRead(expectations, columns)
    : new Set(columns);
}

function columnsRead(expectations: readonly Expectation[], columns: Iterable<string>): Set<string> {
  const spellings = spellingsOf(columns);
  return new Set(expectations.flatMap((expectation) => columnsReadBy(expectation, spellings)));
}

/** Whether each column that it reads is named, in its SQL or beside. */
function namesAll({ rule }: Expectation): boolean {
  return rule !== undefined && sqlIn(rule).every(namesItsColumns);
}

/** SQL that people wrote in a rule. */
export function sqlIn(rule: Rule): readonly string[] {
  const where = 'where' in rule && rule.where !== undefined && 'sql' in rule.where ? [rule.where.sql] : [];
  if (rule.over === 'sql') return [rule.of === 'row' ? rule.holds : rule.query, ...where];
  return rule.over === 'table' && rule.test === 'aggregate' && rule.aggregate === 'share'
    ? [rule.sql, ...where]
    : where;
}

/** Columns by their names in small letters, as SQL reads them. */
export function spellingsOf(columns: Iterable<string>): ReadonlyMap<string, string> {
  return new Map([...columns].map((name) => [name.toLowerCase(), name]));
}

/** The columns that an expectation names, and those that its SQL mentions. */
export function columnsReadBy(expectation: Expectation, spellings: ReadonlyMap<string, string>): readonly string[] {
  const mentioned = mentionedBy(expectation).flatMap((name) => spellings.get(name.toLowerCase()) ?? []);
  return [...new Set([...columnsNamedBy(expectation), ...mentioned])];
}

const NOTHING_THERE = { keys: () => 'nothing', table: () => 'nothing', rows: () => '0' };

const mentions = new WeakMap<Expectation, readonly string[]>();

function mentionedBy(expectation: Expectation): readonly string[] {
  const known = mentions.get(expectation);
  if (known !== undefined) return known;
  const mentioned = namesIn(expectation);
  mentions.set(expectation, mentioned);
  return mentioned;
}

function namesIn({ sql, rule }: Expectation): readonly string[] {
  // Its SQL is made of names that it gives. To compile the expression takes 2 ms, which a small file would wait for.
  if (rule?.over === 'cell' && rule.where === undefined) return [];
  const nothing = (): string => 'null';
  const text = sql({
    table: 'rows',
    typed: nothing,
    typedAs: nothing,
    raw: nothing,
    constant: nothing,
    there: NOTHING_THERE,
  });
  return [...text.matchAll(NAMES)].map(([name, quoted]) => quoted?.replaceAll('""', '"') ?? name);
}
