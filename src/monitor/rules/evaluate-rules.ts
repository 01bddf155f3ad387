import type { Database, Queryable } from '#store';
import { raiseHeldAlerts } from '../alerts/file-alerts.ts';
import { raiseAlert } from '../alerts/raise.ts';
import type { AlertRoute } from '../alerts/route.ts';
import { listRules } from './list-rules.ts';
import { measureNow } from './measure.ts';
import { mutesAt } from './mutes.ts';
import { incidentKeyOf, noticesOf } from './notices.ts';
import { type AlertRule, conditionOf } from './rule.ts';
import { readStates, type StoredState, type Transition, writeStates, writeTransitions } from './states.ts';
import { type RuleStep, stepRule } from './step-rule.ts';

export interface EvaluateOptions {
  /** The rules of contract, schedules and settings. */
  readonly defined: readonly AlertRule[];
  readonly model: string;
  readonly at: Date;
  /** The configured channels. */
  readonly channels: readonly AlertRoute[];
  /** Absolute address of the page of alerts; null when there is none. */
  readonly link: string | null;
  /** What was evaluated in memory while the database could not be reached. */
  readonly carried?: Carried | undefined;
  readonly onError?: (error: unknown) => void;
}

export interface Carried {
  readonly state: StoredState;
  readonly transitions: readonly Omit<Transition, 'alertId'>[];
}

const MINUTE_MS = 60_000;
const KEPT_DAYS = 90;
const LOCK = "select pg_advisory_xact_lock(hashtextextended('weir alert rules', 0))";

/**
 * Evaluates all rules at a moment. States, their history and the notices are one transaction under one lock, so that
 * however many servers evaluate, and wherever one of them ends, each change gives exactly one notice. False when another
 * server evaluated a later moment.
 */
export async function evaluateRules(database: Database, options: EvaluateOptions): Promise<boolean> {
  const { defined, model, at, onError = () => {} } = options;
  const listed = await listRules(database, defined, at);
  const rules = listed.map(({ rule }) => rule);
  const due = listed.filter(({ rule, state }) => isDue(rule, state, at)).map(({ rule }) => rule);
  const measured = await measureNow(database, due, { at, model, onError });
  return database.transaction(async (tx) => {
    await tx.query(LOCK);
    const states = new Map(await readStates(tx));
    if ([...states.values()].some(({ evaluatedAt }) => evaluatedAt >= at)) return false;
    if (options.carried !== undefined) states.set(options.carried.state.rule, options.carried.state);
    const mutes = await mutesAt(tx, at);
    const inputs = [...rules, ...removedRules(states, rules)];
    const steps = inputs.map((rule) =>
      stepRule({
        ...{ rule, at, stored: states.get(rule.name), mute: mutes.get(rule.name) },
        measured: measured.has(rule.name) ? measured.get(rule.name) : null,
      }),
    );
    await writeAll(tx, steps, { ...options, rules });
    return true;
  });
}

function isDue(rule: AlertRule, state: StoredState | undefined, at: Date): boolean {
  if (!rule.enabled) return false;
  const last = state?.measuredAt?.getTime();
  // Half a minute early, because evaluations are not exactly a minute apart.
  return last === undefined || at.getTime() - last >= (conditionOf(rule).everyMinutes - 0.5) * MINUTE_MS;
}

/** Rules that are no longer defined: whoever was told of them is told that they are gone. */
function removedRules(states: ReadonlyMap<string, StoredState>, rules: readonly AlertRule[]): readonly AlertRule[] {
  const known = new Set(rules.map(({ name }) => name));
  return [...states.keys()].filter((name) => !known.has(name)).map(toRemoved);
}

const toRemoved = (name: string): AlertRule => ({
  ...{ name, title: name, kind: 'database-unreachable', params: {}, threshold: 0, forMinutes: 0, severity: 'high' },
  ...{ noData: 'quiet', owner: '', runbook: '', group: 'own', enabled: false, origin: 'people' },
});

interface WriteOptions extends EvaluateOptions {
  readonly rules: readonly AlertRule[];
}

/** The run that a notice of one rule is about. */
async function maybeRunOf(tx: Queryable, rule: AlertRule | undefined, at: Date): Promise<{ readonly runId?: string }> {
  if (rule === undefined) return {};
  const { runOf, params } = conditionOf(rule);
  const runId = await runOf?.(tx, { params: params.parse(rule.params), at });
  return runId === undefined ? {} : { runId };
}

async function writeAll(tx: Queryable, steps: readonly RuleStep[], options: WriteOptions): Promise<void> {
  const { at, link, channels, rules, carried } = options;
  const alertIds = new Map<string | undefined, string>();
  for (const alert of noticesOf(steps, { at, link })) {
    const run = await maybeRunOf(
      tx,
      rules.find(({ name }) => name === alert.ruleName),
      at,
    );
    const { id } = await raiseAlert(tx, { ...alert, ...run, channels, at });
    alertIds.set(alert.incidentKey, id);
  }
  const transitions = steps.flatMap(({ rule, notice, transition }) => {
    if (transition === undefined) return [];
    const alertId = notice === undefined ? null : (alertIds.get(incidentKeyOf(rule)) ?? null);
    return [{ ...transition, alertId }];
  });
  const earlier = (carried?.transitions ?? []).map((transition) => ({ ...transition, alertId: null }));
  await writeTransitions(tx, [...earlier, ...transitions]);
  await writeStates(
    tx,
    steps.map(({ after }) => after),
  );
  await tx.query('delete from alert_rule_states where rule <> all($1::text[])', [rules.map(({ name }) => name)]);
  await tx.query(`delete from alert_rule_transitions where at < $1::timestamptz - interval '${KEPT_DAYS} days'`, [at]);
  await raiseHeldAlerts(tx, { at, channels });
}
