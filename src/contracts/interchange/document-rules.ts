import { impliedBy } from '../check/derived.ts';
import type { Contract, DocumentRule, Expectation } from '../contract.ts';
import { askedByRules, whatIsAsked } from './asked-by-rules.ts';
import { customOf, type OdcsSchema, odcsQuality, READ_ONCE } from './odcs.ts';
import { asList, readRule } from './read-rule.ts';
import { toSearchedPattern } from './whole-pattern.ts';

/** The rules of a document's schema object, but for those that Weir wrote beside them. */
export function documentRulesOf({ properties, quality }: OdcsSchema): readonly DocumentRule[] {
  const stated = (rules: unknown, column?: string): readonly DocumentRule[] =>
    asList(rules)
      .filter((rule) => !isWritten(rule))
      .map((rule) => ({ ...(column === undefined ? {} : { column }), rule }));
  return [...properties.flatMap(({ name, quality: rules }) => stated(rules, name)), ...stated(quality)];
}

/** Marks a rule that follows from a column or an expectation, which the document has too. */
const DERIVED = 'derived';

function isWritten(content: unknown): boolean {
  const { rule } = readRule(content);
  if (typeof rule !== 'string' && rule.kind === 'own') return true;
  const { data } = odcsQuality.safeParse(content, READ_ONCE);
  return customOf(data?.customProperties, DERIVED) === true;
}

/**
 * The rules of a document made of a contract, in the terms of the standard: those of the document that it was read from
 * while the contract asks for what they say, and one for each expectation that the standard has a metric for.
 */
export function standardRulesOf(contract: Contract): readonly DocumentRule[] {
  const { columns, expectations, documentRules = [] } = contract;
  const asked = new Set(
    [...Object.entries(columns).flatMap(([name, column]) => impliedBy(name, column)), ...expectations].map((each) =>
      whatIsAsked(each, columns),
    ),
  );
  const said = new Set<string>();
  const kept = documentRules.filter((stated) => {
    const means = meaningOf(stated, contract);
    for (const each of means) said.add(each);
    return means.every((each) => asked.has(each));
  });
  const categories = Object.entries(columns).flatMap(([name, column]) =>
    column.kind === 'category' ? impliedBy(name, column).filter(({ rule }) => isSet(rule)) : [],
  );
  const more = [...categories, ...expectations].flatMap((expectation) => {
    const stated = maybeStandardRule(expectation);
    if (stated === undefined || said.has(whatIsAsked(expectation, columns))) return [];
    // Only a rule that is read back as this very expectation says the same.
    return meaningOf(stated, contract).join() === whatIsAsked(expectation, columns) ? [stated] : [];
  });
  return [...kept, ...more];
}

const isSet = (rule: Expectation['rule']): boolean => rule?.over === 'cell' && rule.test === 'set';

/** What a rule asks for, as it is read of a document of this contract; nothing where it is not checked. */
function meaningOf({ column, rule }: DocumentRule, { name, columns }: Contract): readonly string[] {
  const aliases = Object.entries(columns).flatMap(([named, { header = '' }]) =>
    header === '' ? [] : [[header.toLowerCase(), named] as const],
  );
  const place = {
    ...{ path: name, columns, tables: [name], aliases: new Map(aliases) },
    ...(column === undefined ? {} : { column }),
    kinds: new Map(Object.entries(columns).map(([named, { kind }]) => [named, kind])),
  };
  return askedByRules([rule], place).flatMap(({ expectations }) =>
    expectations.map(({ origin: _, ...each }) => whatIsAsked(each, columns)),
  );
}

/** The metric of the standard that asks for the same, if there is one. */
function maybeStandardRule({ name, maker, severity, sentence, rule }: Expectation): DocumentRule | undefined {
  const metric = rule === undefined ? undefined : metricOf(rule);
  if (metric === undefined) return undefined;
  const { column, ...asked } = metric;
  const about = {
    ...(name === maker ? {} : { name }),
    ...{ description: sentence, type: 'library', ...asked, mustBe: 0 },
    severity: severity === 'warn' ? 'warning' : 'error',
    customProperties: [{ property: `weir.${DERIVED}`, value: true }],
  };
  return { ...(column === undefined ? {} : { column }), rule: about };
}

interface MetricAsked {
  readonly column?: string;
  readonly metric: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

function metricOf(rule: NonNullable<Expectation['rule']>): MetricAsked | undefined {
  if (rule.over === 'key') {
    const [column, ...more] = rule.columns;
    if (column === undefined) return undefined;
    if (more.length === 0) return { column, metric: 'duplicateValues' };
    return { metric: 'duplicateValues', arguments: { properties: [...rule.columns] } };
  }
  if (rule.over !== 'cell' || rule.where !== undefined) return undefined;
  const { column } = rule;
  if (rule.test === 'present') return { column, metric: 'nullValues' };
  if (rule.test === 'set' && rule.isNegated !== true)
    return { column, metric: 'invalidValues', arguments: { validValues: [...rule.values] } };
  if (rule.test === 'pattern' && rule.isNegated !== true)
    return { column, metric: 'invalidValues', arguments: { pattern: toSearchedPattern(rule.pattern) } };
  return undefined;
}
