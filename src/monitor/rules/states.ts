import { type PagedList, type PageRequest, type Queryable, readPage } from '#store';
import { MonitorError } from '../errors.ts';
import type { RecordedChange } from './changes.ts';
import type { RuleState, RuleStateName } from './state.ts';

/** The state of a rule as it is stored: what it measured last, and who acknowledged it. */
export interface StoredState extends RuleState {
  readonly rule: string;
  readonly value: number | null;
  readonly detail: string | null;
  readonly measuredAt: Date | null;
  readonly evaluatedAt: Date;
  readonly acknowledged: (RecordedChange & { readonly at: Date }) | null;
}

interface StateRow {
  readonly rule: string;
  readonly state: RuleStateName;
  readonly since: Date;
  readonly clear_since: Date | null;
  readonly told: RuleState['told'];
  readonly told_at: Date | null;
  readonly value: number | null;
  readonly detail: string | null;
  readonly had_data: boolean;
  readonly measured_at: Date | null;
  readonly evaluated_at: Date;
  readonly acknowledged_at: Date | null;
  readonly acknowledged_by: string | null;
  readonly acknowledged_reason: string | null;
}

/** The stored states by rule. */
export async function readStates(queryable: Queryable): Promise<ReadonlyMap<string, StoredState>> {
  const rows = await queryable.query<StateRow>('select * from alert_rule_states');
  return new Map(rows.map((row) => [row.rule, toStored(row)]));
}

function toStored(row: StateRow): StoredState {
  const { acknowledged_at: at, acknowledged_by: by, acknowledged_reason: reason } = row;
  return {
    ...{ rule: row.rule, name: row.state, since: row.since, clearSince: row.clear_since, hadData: row.had_data },
    ...{ told: row.told, toldAt: row.told_at, value: row.value, detail: row.detail },
    ...{ measuredAt: row.measured_at, evaluatedAt: row.evaluated_at },
    acknowledged: at === null || by === null || reason === null ? null : { at, by, reason },
  };
}

const COLUMNS = [
  ...['rule', 'state', 'since', 'clear_since', 'told', 'told_at', 'value', 'detail', 'had_data'],
  ...['measured_at', 'evaluated_at', 'acknowledged_at', 'acknowledged_by', 'acknowledged_reason'],
];
const WRITE = `
  insert into alert_rule_states (${COLUMNS.join(', ')})
  select ${COLUMNS.join(', ')} from jsonb_populate_recordset(null::alert_rule_states, $1::jsonb)
  on conflict (rule) do update set ${COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')}`;

/** Stores the states of rules. */
export async function writeStates(tx: Queryable, states: readonly StoredState[]): Promise<void> {
  const rows = states.map(({ acknowledged, ...state }) => ({
    ...{ rule: state.rule, state: state.name, since: state.since, clear_since: state.clearSince },
    ...{ told: state.told, told_at: state.toldAt, value: state.value, detail: state.detail, had_data: state.hadData },
    ...{ measured_at: state.measuredAt, evaluated_at: state.evaluatedAt },
    ...{ acknowledged_at: acknowledged?.at ?? null, acknowledged_by: acknowledged?.by ?? null },
    acknowledged_reason: acknowledged?.reason ?? null,
  }));
  await tx.query(WRITE, [JSON.stringify(rows)]);
}

/** Records that somebody looks after a rule that fires. Throws when it does not, or is acknowledged already. */
export async function acknowledgeRule(
  queryable: Queryable,
  { rule, at, by, reason }: RecordedChange & { readonly rule: string; readonly at: Date },
): Promise<void> {
  const changed = await queryable.query(
    `update alert_rule_states set acknowledged_at = $2, acknowledged_by = $3, acknowledged_reason = $4
      where rule = $1 and state = 'firing' and acknowledged_at is null returning rule`,
    [rule, at, by, reason],
  );
  if (changed.length > 0) return;
  const known = (await readStates(queryable)).get(rule);
  const state =
    known?.name === 'firing' && known.acknowledged !== null
      ? `has been acknowledged since ${known.acknowledged.at.toISOString()} by ${known.acknowledged.by}`
      : `does not fire, it is ${known?.name ?? 'ok'}`;
  throw new MonitorError('alert_rule_unchanged', `The alert rule ${rule} ${state}: there is nothing to acknowledge.`);
}

/** A change of the state of a rule. */
export interface Transition {
  readonly rule: string;
  readonly at: Date;
  readonly from: RuleStateName;
  readonly to: RuleStateName;
  readonly value: number | null;
  readonly threshold: number;
  readonly detail: string | null;
  /** The notice that was raised with it. */
  readonly alertId: string | null;
}

export async function writeTransitions(tx: Queryable, transitions: readonly Transition[]): Promise<void> {
  if (transitions.length === 0) return;
  const rows = transitions.map(({ from, to, alertId, ...rest }) => ({
    ...{ ...rest, from_state: from, to_state: to, alert_id: alertId },
  }));
  await tx.query(
    `insert into alert_rule_transitions (rule, at, from_state, to_state, value, threshold, detail, alert_id)
     select rule, at, from_state, to_state, value, threshold, detail, alert_id
       from jsonb_populate_recordset(null::alert_rule_transitions, $1::jsonb)`,
    [JSON.stringify(rows)],
  );
}

export interface ListedTransition extends Transition {
  readonly id: string;
}

const TRANSITIONS: PagedList<'at'> = {
  name: 'the history of alert rules',
  table: 'alert_rule_transitions',
  columns: 'id, rule, at, from_state as "from", to_state as "to", value, threshold, detail, alert_id as "alertId"',
  id: { sql: 'id', type: 'bigint' },
  orders: { at: { sql: 'at', type: 'timestamptz' } },
  sort: '-at',
  text: "concat_ws(' ', to_state, detail)",
};

/** When a rule changed its state, a page at a time, newest first. */
export function listTransitions(queryable: Queryable, rule: string, request: PageRequest<'at'>) {
  return readPage<ListedTransition, 'at'>(queryable, TRANSITIONS, { request: { ...request, equal: { rule } } });
}
