import type { Database, Queryable } from '#store';
import { MonitorError } from '../errors.ts';
import { type AlertRule, type RuleFields, withFields } from './rule.ts';

/** Who changes something on record, and why. */
export interface RecordedChange {
  readonly by: string;
  readonly reason: string;
}

export interface EffectiveRule extends AlertRule {
  /** The last change by people that is still in effect. */
  readonly changed: (RecordedChange & { readonly at: Date }) | null;
}

interface ChangeRow {
  readonly rule: string;
  readonly fields: RuleFields;
  readonly actor: string;
  readonly reason: string;
  readonly at: Date;
}

/** The rules of the project with what people changed of them at run time, which wins, and those that people added. */
export async function effectiveRules(
  queryable: Queryable,
  defined: readonly AlertRule[],
): Promise<readonly EffectiveRule[]> {
  const rows = await queryable.query<ChangeRow>(
    'select distinct on (rule) rule, fields, actor, reason, at from alert_rule_changes order by rule, id desc',
  );
  const changes = new Map(rows.filter(isInEffect).map((row) => [row.rule, row]));
  const known = new Set(defined.map(({ name }) => name));
  const added = [...changes.keys()].filter((name) => !known.has(name));
  return [...defined, ...added.map((name) => ({ name, origin: 'people' as const }))].flatMap((base) => {
    const change = changes.get(base.name);
    const rule = maybeRule(base, change?.fields ?? {});
    if (rule === undefined) return [];
    const changed = change && { at: change.at, by: change.actor, reason: change.reason };
    return [{ ...rule, changed: changed ?? null }];
  });
}

const isInEffect = ({ fields }: ChangeRow): boolean => Object.keys(fields).length > 0;

// A change of a rule that the settings no longer define, or of a kind that is gone, stays on record without effect.
function maybeRule(base: AlertRule | Pick<AlertRule, 'name' | 'origin'>, fields: RuleFields): AlertRule | undefined {
  try {
    return withFields(base, fields);
  } catch (error) {
    if (error instanceof MonitorError) return 'kind' in base ? base : undefined;
    throw error;
  }
}

export interface RuleChange extends RecordedChange {
  readonly rule: string;
  /** Beside what was changed before. */
  readonly fields: RuleFields;
}

/** Changes fields of a rule on record; a new name with a kind adds a rule. Throws when they do not fit its kind. */
export async function changeRule(
  database: Database,
  defined: readonly AlertRule[],
  { rule, fields, by, reason }: RuleChange,
): Promise<void> {
  const base = defined.find(({ name }) => name === rule) ?? { name: rule, origin: 'people' as const };
  await database.transaction(async (tx) => {
    await lockRule(tx, rule);
    const before = await changedFields(tx, rule);
    const params = fields.params && { params: { ...before.params, ...fields.params } };
    const after = { ...before, ...fields, ...params };
    withFields(base, after);
    await record(tx, { rule, fields: after, by, reason });
  });
}

/** Drops what people changed of a rule, on record; a rule that people added is removed. */
export async function resetRule(
  database: Database,
  { rule, ...change }: RecordedChange & { readonly rule: string },
): Promise<void> {
  await database.transaction(async (tx) => {
    await lockRule(tx, rule);
    if (Object.keys(await changedFields(tx, rule)).length === 0)
      throw new MonitorError('alert_rule_unchanged', `Nothing of the alert rule ${rule} was changed by people.`);
    await record(tx, { rule, fields: {}, ...change });
  });
}

async function changedFields(tx: Queryable, rule: string): Promise<RuleFields> {
  const [row] = await tx.query<{ readonly fields: RuleFields }>(
    'select fields from alert_rule_changes where rule = $1 order by id desc limit 1',
    [rule],
  );
  return row?.fields ?? {};
}

const lockRule = (tx: Queryable, rule: string) =>
  tx.query("select pg_advisory_xact_lock(hashtextextended('weir alert rule ' || $1, 0))", [rule]);

const record = (tx: Queryable, { rule, fields, by, reason }: RuleChange) =>
  tx.query('insert into alert_rule_changes (rule, fields, actor, reason) values ($1, $2::jsonb, $3, $4)', [
    rule,
    JSON.stringify(fields),
    by,
    reason,
  ]);
