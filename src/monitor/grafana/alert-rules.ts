import { DATABASE_UNREACHABLE } from '../rules/conditions/database.ts';
import { type AlertRule, conditionOf, type NoData } from '../rules/rule.ts';
import { asText, type GrafanaProject, sourceOf, titleOf, uidOf } from './names.ts';
import { ruleQuery } from './rule-query.ts';

type Json = Readonly<Record<string, unknown>>;

const EVALUATED_EVERY = '1m';
const STEP = { intervalMs: 60_000, maxDataPoints: 90 };
/** The moment of a rule's query is the end of this range. */
const RANGE = { from: 600, to: 0 };
const EXPRESSION = { type: '__expr__', uid: '__expr__' };
/** A state of Grafana for each way in which a rule without data behaves. */
const NO_DATA: Readonly<Record<NoData, string>> = { notify: 'NoData', quiet: 'OK', ok: 'OK' };

/** Alert rules as Grafana provisions them: the questions, thresholds and delays of Weir's own, by the group they are in. */
export async function alertRulesFor(project: GrafanaProject, rules: readonly AlertRule[]): Promise<Json> {
  const groups = [...new Set(rules.map(({ group }) => group))];
  return {
    apiVersion: 1,
    groups: await Promise.all(
      groups.map(async (name) => ({
        ...{ orgId: 1, name: asText(name), folder: titleOf(project), interval: EVALUATED_EVERY },
        rules: await Promise.all(
          rules.filter(({ group }) => group === name).map((rule) => toGrafanaRule(rule, project)),
        ),
      })),
    ),
  };
}

async function toGrafanaRule(rule: AlertRule, project: GrafanaProject): Promise<Json> {
  // A query that fails is what this rule looks for, so the delay is its threshold, in minutes.
  const isUnreachable = rule.kind === DATABASE_UNREACHABLE;
  const minutes = isUnreachable ? rule.threshold : rule.forMinutes;
  return {
    ...{ uid: uidOf(project, 'rule', rule.name), title: asText(titleOfRule(rule)), condition: 'B' },
    data: [await question(rule, project), threshold(rule)],
    noDataState: NO_DATA[rule.noData],
    execErrState: isUnreachable ? 'Alerting' : 'Error',
    for: `${Math.round(minutes * 60)}s`,
    isPaused: !rule.enabled,
    labels: labelsOf(rule, project),
    annotations: annotationsOf(rule),
  };
}

const titleOfRule = ({ title, name }: AlertRule): string => (title === '' ? name : title);

async function question(rule: AlertRule, project: GrafanaProject): Promise<Json> {
  const source = sourceOf(project);
  return {
    ...{ refId: 'A', relativeTimeRange: RANGE, datasourceUid: source.uid },
    model: {
      ...{ refId: 'A', datasource: source, editorMode: 'code', format: 'table', rawQuery: true },
      rawSql: await ruleQuery(rule, { model: project.name }),
      ...STEP,
    },
  };
}

function threshold(rule: AlertRule): Json {
  const type = conditionOf(rule).firesWhen === 'at-least' ? 'gte' : 'lt';
  return {
    ...{ refId: 'B', relativeTimeRange: { from: 0, to: 0 }, datasourceUid: EXPRESSION.uid },
    model: {
      ...{ refId: 'B', datasource: EXPRESSION, type: 'threshold', expression: 'A' },
      conditions: [{ evaluator: { type, params: [rule.threshold] } }],
      ...STEP,
    },
  };
}

function labelsOf({ group, kind, severity, owner }: AlertRule, project: GrafanaProject): Json {
  const labels = { weir: project.name, group, kind, severity, ...(owner === '' ? {} : { owner }) };
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, asText(value)]));
}

function annotationsOf(rule: AlertRule): Json {
  return {
    summary: asAnnotation(`${titleOfRule(rule)}: {{ $values.A.Value }}`),
    // Params were parsed by the schema of the same condition when the rule was made.
    description: asAnnotation(conditionOf(rule).describe(rule.params)),
    ...(rule.runbook === '' ? {} : { runbook_url: asAnnotation(rule.runbook) }),
  };
}

/** In annotations Grafana fills in variables in braces only; templates of its own have none. */
const asAnnotation = (text: string): string => text.replaceAll('${', '$ {');
