import { type Database, isStoreError } from '#store';
import type { Measured } from './conditions/condition.ts';
import { type AlertRule, conditionOf, isMet } from './rule.ts';
import type { RuleSignal } from './state.ts';

export interface MeasureOptions {
  readonly moments: readonly Date[];
  readonly model: string;
}

/** What a rule measures at moments, oldest first. */
export function measure(
  database: Database,
  rule: AlertRule,
  { moments, model }: MeasureOptions,
): Promise<readonly Measured[]> {
  const condition = conditionOf(rule);
  const params = condition.params.parse(rule.params);
  return condition.measure({ database, params, moments, model });
}

/** The signal that a rule gets from what it measured. */
export function signalOf(rule: AlertRule, measured: Measured): Exclude<RuleSignal, 'off'> {
  if (measured === undefined) return rule.noData === 'ok' ? 'clear' : 'no-data';
  return isMet(rule, measured.value) ? 'met' : 'clear';
}

export interface MeasureNow {
  readonly at: Date;
  readonly model: string;
  /** Called when the query of a rule fails; it then has no data. */
  readonly onError: (error: unknown) => void;
}

/** What each rule measures at present, by name. Throws only when the database cannot be reached. */
export async function measureNow(
  database: Database,
  rules: readonly AlertRule[],
  { at, model, onError }: MeasureNow,
): Promise<ReadonlyMap<string, Measured>> {
  const found = new Map<string, Measured>();
  // One after the other, so that watching never takes more than one connection.
  for (const rule of rules) {
    try {
      const [now] = await measure(database, rule, { moments: [at], model });
      found.set(rule.name, now);
    } catch (error) {
      if (isStoreError(error, 'database_unreachable')) throw error;
      onError(error);
      found.set(rule.name, undefined);
    }
  }
  return found;
}
