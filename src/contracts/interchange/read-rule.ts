import { z } from 'zod';
import type { Severity } from '../contract.ts';
import { type Comparison, comparisonOf, isOperator, NONE } from './comparison.ts';
import { type OdcsQuality, odcsQuality, READ_ONCE } from './odcs.ts';

export const METRICS = ['nullValues', 'missingValues', 'invalidValues', 'duplicateValues', 'rowCount'] as const;
export type Metric = (typeof METRICS)[number];

/** The names of metrics in version 3.0, where they were rules. */
const METRIC_NAMES: ReadonlyMap<string, Metric> = new Map<string, Metric>([
  ...METRICS.map((metric) => [metric, metric] as const),
  ['nullCheck', 'nullValues'],
  ['nullCount', 'nullValues'],
  ['missingCount', 'missingValues'],
  ['validValues', 'invalidValues'],
  ['invalidCount', 'invalidValues'],
  ['duplicateCount', 'duplicateValues'],
  ['duplicateCheck', 'duplicateValues'],
  ['unique', 'duplicateValues'],
  ['uniqueCheck', 'duplicateValues'],
  ['countCheck', 'rowCount'],
]);

/** Keys that do not affect what a rule requires. */
const DESCRIPTIVE: ReadonlySet<string> = new Set([
  ...['id', 'name', 'type', 'metric', 'rule', 'query', 'engine', 'implementation', 'unit', 'arguments', 'severity'],
  ...['description', 'dimension', 'method', 'businessImpact', 'tags', 'authoritativeDefinitions', 'customProperties'],
  ...['scheduler', 'schedule', 'scheduleCronExpression', 'toolName', 'toolRuleName', 'templateName', 'code'],
]);

const values = z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]));
const givenArguments = z.strictObject({
  missingValues: values.nullish(),
  validValues: values.nullish(),
  pattern: z.string().nullish(),
  properties: z.array(z.string()).nullish(),
});
export type Arguments = z.infer<typeof givenArguments>;
const ARGUMENTS = Object.keys(givenArguments.shape);

interface Described {
  /** The rule's name, as the name of an expectation. */
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly severity: Severity;
}

export interface MetricRule extends Described {
  readonly kind: 'metric';
  readonly metric: Metric;
  readonly isPercent: boolean;
  readonly comparison: Comparison;
  readonly given: Arguments;
}
export interface SqlRule extends Described {
  readonly kind: 'sql';
  readonly query: string;
  readonly comparison: Comparison;
}
/** A rule that Weir wrote. */
export interface OwnRule {
  readonly kind: 'own';
  readonly quality: OdcsQuality;
}
/** A parsed rule of quality; or why it is not understood. */
export type Rule = MetricRule | SqlRule | OwnRule | string;

/** A rule of a document, and its name. */
export interface ReadRule {
  readonly words: string;
  readonly rule: Rule;
  /** Its keys that the standard does not have, so that their meaning is unknown. */
  readonly unknown: readonly string[];
}

/** The value where the standard has a list; a single one counts as a list of one. */
export function asList(content: unknown): readonly unknown[] {
  if (content === undefined || content === null) return [];
  return Array.isArray(content) ? content : [content];
}

/** Reads one rule; no rule is ignored. */
export function readRule(content: unknown): ReadRule {
  const read = odcsQuality.safeParse(content, READ_ONCE);
  if (!read.success)
    return { words: inWords(JSON.stringify(content) ?? ''), rule: 'it is no rule of the standard', unknown: [] };
  const quality = read.data;
  const unknown = Object.keys(quality).filter(
    (key) => !DESCRIPTIVE.has(key) && !ARGUMENTS.includes(key) && !isOperator(key),
  );
  return { words: wordsOf(quality), rule: ruleOf(quality, unknown), unknown };
}

function ruleOf(quality: OdcsQuality, unknown: readonly string[]): Rule {
  const { type = 'library', engine } = quality;
  switch (type) {
    case 'library':
      return metricRule(quality, unknown);
    case 'sql':
      return sqlRule(quality);
    case 'custom':
      return engine === 'weir'
        ? { kind: 'own', quality }
        : `it is written for ${engine ?? 'an engine that it does not name'}`;
    case 'text':
      return 'it is written for people';
    default:
      return `the check does not know rules of type ${type}`;
  }
}

function metricRule(quality: OdcsQuality, unknown: readonly string[]): Rule {
  const called = quality.metric ?? quality.rule;
  if (called === undefined) return 'it names no metric';
  const metric = METRIC_NAMES.get(called);
  if (metric === undefined) return `the check does not know the metric ${called}`;
  // In 3.0 the arguments were fields of the rule.
  const beside = ARGUMENTS.flatMap((name) => (quality[name] === undefined ? [] : [[name, quality[name]] as const]));
  const given = givenArguments.safeParse({ ...Object.fromEntries(beside), ...asObject(quality.arguments) }, READ_ONCE);
  if (!given.success)
    return `the check does not know its arguments ${inWords(JSON.stringify(quality.arguments ?? beside))}`;
  const isNone = metric !== 'rowCount' && unknown.length === 0 && !Object.keys(quality).some(isOperator);
  const comparison = isNone ? NONE : comparisonOf(quality);
  if (typeof comparison === 'string') return comparison;
  const { unit = 'rows' } = quality;
  if (unit !== 'rows' && unit !== 'percent') return `the check does not know the unit ${unit}`;
  return {
    kind: 'metric',
    metric,
    isPercent: unit === 'percent',
    comparison,
    given: given.data,
    ...described(quality),
  };
}

/** What is no object has no keys to read; it is put under a key that is refused. */
function asObject(value: unknown): object {
  if (value === undefined || value === null) return {};
  return typeof value === 'object' && !Array.isArray(value) ? value : { arguments: value };
}

function sqlRule(quality: OdcsQuality): Rule {
  const { query } = quality;
  if (query === undefined) return 'it has no query';
  const comparison = comparisonOf(quality);
  if (typeof comparison === 'string') return comparison;
  return { kind: 'sql', query, comparison, ...described(quality) };
}

const MILD: readonly string[] = ['warn', 'warning', 'info', 'low', 'minor'];
const NAME_MAX = 60;
const WORDS_MAX = 100;

function described({ name, id, description, severity = '' }: OdcsQuality): Described {
  return {
    name: maybeSlug(name ?? id),
    description: description === undefined ? undefined : inWords(description),
    severity: MILD.includes(severity.toLowerCase()) ? 'warn' : 'fail',
  };
}

/** A valid name of an expectation; undefined when nothing is left of it. */
function maybeSlug(name = ''): string | undefined {
  const words =
    name
      .normalize('NFKD')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  const slug = words.join('-').slice(0, NAME_MAX).replace(/-$/, '');
  if (slug === '') return undefined;
  return /^[a-z]/.test(slug) ? slug : `rule-${slug}`;
}

/** What a rule requires, as its document states it. */
function wordsOf(quality: OdcsQuality): string {
  const { metric, rule, type, engine, name, description, query } = quality;
  const operators = Object.entries(quality).filter(([key]) => isOperator(key));
  const asked = operators.map(([key, operand]) => ` ${key} ${JSON.stringify(operand) ?? ''}`).join('');
  const what = metric ?? rule ?? [type ?? 'rule', engine].filter((word) => word !== undefined).join(' ');
  const about = description ?? name ?? query ?? '';
  return inWords(`${what}${asked}${about === '' ? '' : `: ${about}`}`);
}

/** A text on one line, cut where it gets long. */
export function inWords(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > WORDS_MAX ? `${line.slice(0, WORDS_MAX).trimEnd()}…` : line;
}
