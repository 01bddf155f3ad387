import { impliedBy } from '../check/derived.ts';
import type { Column, Contract, Expectation, Unchecked } from '../contract.ts';
import { columnsNamedBy, writtenNames } from '../define-contract.ts';
import { ContractError } from '../errors.ts';
import { maybeMisfit } from '../rules/maybe-misfit.ts';
import { ownExpectation } from './own-expectation.ts';
import { asList, inWords, type ReadRule, type Rule, readRule } from './read-rule.ts';
import { metricExpectations, type RuleTarget } from './rule-expectations.ts';
import { sqlExpectation } from './sql-expectation.ts';

/** The requirements of a part of a document, and which of them are not checked. */
export interface Asked {
  readonly expectations: readonly Expectation[];
  readonly unchecked: readonly Unchecked[];
  /** It is a rule that Weir wrote. */
  readonly isOwn?: boolean;
}

type Columns = Contract['columns'];

interface RulesPlace extends Pick<RuleTarget, 'path' | 'kinds' | 'tables' | 'aliases'> {
  readonly columns: Columns;
  /** The column that the rules belong to. */
  readonly column?: string;
  /** The rule that was read as part of its column. */
  readonly isRead?: number | undefined;
}

/** All rules of a list, as expectations or as unchecked. */
export function askedByRules(quality: unknown, place: RulesPlace): readonly Asked[] {
  const { path, columns, kinds, tables, aliases, column, isRead } = place;
  const ofColumn = column === undefined ? {} : { column };
  return asList(quality).map((content, index): Asked => {
    const at = { path: `${path}.quality[${index}]`, ...ofColumn };
    const read = readRule(content);
    const unknown = read.unknown.map((key) => ({
      ...at,
      path: `${at.path}.${key}`,
      rule: inWords(`${read.words}, ${key}`),
      reason: 'the check does not know this key of a rule',
    }));
    if (index === isRead) return { expectations: [], unchecked: unknown };
    const found = runnable(read, { target: { ...at, kinds, tables, aliases }, columns });
    const isOwn = typeof read.rule !== 'string' && read.rule.kind === 'own';
    if (typeof found !== 'string') return { expectations: found, unchecked: unknown, isOwn };
    return { expectations: [], unchecked: [{ ...at, rule: read.words, reason: found }] };
  });
}

/** The expectations of a rule, if they can be evaluated on these columns; or why not. */
function runnable(
  { rule }: ReadRule,
  { target, columns }: { readonly target: RuleTarget; readonly columns: Columns },
): readonly Expectation[] | string {
  if (typeof rule === 'string') return rule;
  try {
    const expectations = expectationsOf(rule, target);
    if (typeof expectations === 'string') return expectations;
    for (const expectation of expectations) {
      const unknown = [...columnsNamedBy(expectation)].find((name) => !target.kinds.has(name));
      if (unknown !== undefined) return `it names the column "${unknown}", which the schema does not have`;
      const misfit = expectation.rule && maybeMisfit(expectation.rule, (name) => target.kinds.get(name) ?? 'text');
      if (misfit !== undefined) return misfit;
      expectation.sql(writtenNames(columns));
    }
    return expectations;
  } catch (error) {
    if (error instanceof ContractError) return error.message;
    throw error;
  }
}

function expectationsOf(rule: Exclude<Rule, string>, target: RuleTarget): readonly Expectation[] | string {
  switch (rule.kind) {
    case 'metric':
      return called(metricExpectations(rule, target), rule.name);
    case 'sql':
      return called(sqlExpectation(rule, target), rule.name);
    case 'own':
      return ownExpectation(rule.quality);
    default:
      return rule satisfies never;
  }
}

function called(found: readonly Expectation[] | string, name: string | undefined): readonly Expectation[] | string {
  return typeof found === 'string' || name === undefined ? found : found.map((each) => ({ ...each, name }));
}

/**
 * Each expectation with a unique name. One that exists already, or that its column implies, is left out: a document may
 * state one rule in several places.
 */
export function toldApart(expectations: readonly Expectation[], columns: Columns): readonly Expectation[] {
  const textOf = (expectation: Expectation): string => whatIsAsked(expectation, columns);
  const said = new Set(Object.entries(columns).flatMap(([name, column]) => impliedTexts(name, { column, textOf })));
  const used = new Set<string>();
  const apart: Expectation[] = [];
  for (const expectation of expectations) {
    const text = textOf(expectation);
    if (said.has(text)) continue;
    said.add(text);
    const identityOf = (name: string): string => JSON.stringify([name, expectation.column]);
    let { name } = expectation;
    for (let number = 2; used.has(identityOf(name)); number++) name = `${expectation.name}-${number}`;
    used.add(identityOf(name));
    apart.push({ ...expectation, name });
  }
  return apart;
}

/** What an expectation asks for, whatever number its name got to tell it from others. */
export function whatIsAsked({ name, column, severity, atLeast, sql }: Expectation, columns: Columns): string {
  return JSON.stringify([name.replace(/-[0-9]+$/, ''), column, severity, atLeast, sql(writtenNames(columns))]);
}

function impliedTexts(
  name: string,
  { column, textOf }: { readonly column: Column; readonly textOf: (expectation: Expectation) => string },
): readonly string[] {
  return impliedBy(name, column).map(textOf);
}
