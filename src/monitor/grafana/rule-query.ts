import type { Database } from '#store';
import type { Condition } from '../rules/conditions/condition.ts';
import { DATABASE_UNREACHABLE } from '../rules/conditions/database.ts';
import { type AlertRule, conditionOf, type RuleParams } from '../rules/rule.ts';

/** What Weir measured longer ago than this, or than two measurements, says nothing of the present. */
const FRESH_MINUTES = 10;

interface Asked {
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * SQL of a rule's value at the end of the range, for Grafana: the very statement that the rule's condition asks, with its
 * values written into it. A condition that asks several gives the value that Weir measured last. No row means no data.
 */
export async function ruleQuery(
  rule: AlertRule,
  { model, condition = conditionOf(rule) }: { readonly model: string; readonly condition?: Pick<Condition, 'measure'> },
): Promise<string> {
  // The query itself says nothing: the rule fires when it fails.
  if (rule.kind === DATABASE_UNREACHABLE) return 'select 0 as value';
  const asked = await statementsOf(condition, { params: rule.params, model });
  const [only] = asked;
  if (only === undefined || asked.length > 1 || !only.text.includes('$1::timestamptz[]')) return measuredByWeir(rule);
  const written = only.text.replace(/\$(\d+)/g, (_, place: string) =>
    place === '1' ? '(array[$__timeTo()::timestamptz])' : literal(only.values[Number(place) - 1]),
  );
  return `select value from (${written.trim()}) as measured where value is not null`;
}

/** What a condition asks the database, when it gets no rows; nothing where it needs more than queries. */
async function statementsOf(
  condition: Pick<Condition, 'measure'>,
  question: { readonly params: RuleParams; readonly model: string },
): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  const refuse = (): never => {
    throw new Error('Only queries are recorded.');
  };
  const database: Database = {
    query: async (statement, values = []) => {
      asked.push({ text: typeof statement === 'string' ? statement : statement.text, values });
      return [];
    },
    ...{ url: '', transaction: refuse, listen: refuse, copyToCsv: refuse, close: async () => {} },
  };
  const measuring = condition.measure({ database, moments: [new Date(0)], ...question });
  return measuring.then(
    () => asked,
    () => [],
  );
}

const measuredByWeir = (rule: AlertRule): string => `select value
  from weir.alert_rule_states
 where rule = ${literal(rule.name)} and value is not null and $__timeTo()::timestamptz - measured_at < interval '${Math.max(FRESH_MINUTES, 2 * conditionOf(rule).everyMinutes)} minutes'`;

/** A value as SQL; a dollar sign in a text would begin a macro. */
function literal(value: unknown): string {
  if (typeof value === 'number') return `(${value})`;
  if (typeof value === 'string') return `('${value.replaceAll("'", "''").replaceAll('$', "' || chr(36) || '")}')`;
  throw new Error(`Expected a number or a text as the param of an alert rule; got ${typeof value}.`);
}
