import { type Contract, hasSensitive, maybeColumnWithRole } from '#contracts';

/** What the reader may read of a table or view: all of it, or all but some columns. */
export interface Readable {
  readonly name: string;
  /** Columns that it may not read. */
  readonly without?: readonly string[];
}

/**
 * The tables and views that the reader may read. What is not listed it may not: idempotency keys, claims and their
 * tokens, and what serves the engine alone. A test names every table that is left out.
 */
export const READABLE: readonly Readable[] = [
  { name: 'alert_attempts' },
  { name: 'alert_channels' },
  { name: 'alert_deliveries' },
  { name: 'alert_rule_states' },
  { name: 'alert_rule_transitions' },
  { name: 'alerts' },
  { name: 'check_columns' },
  { name: 'check_counts' },
  { name: 'check_problems' },
  { name: 'checks' },
  { name: 'column_counts' },
  { name: 'confidence_hours' },
  { name: 'dataset_versions' },
  { name: 'drift_now' },
  { name: 'drift_scores' },
  { name: 'drift_windows' },
  { name: 'gauges' },
  { name: 'label_delays' },
  { name: 'labels' },
  { name: 'model_versions' },
  { name: 'performance_quarters' },
  { name: 'prediction_confidences' },
  { name: 'prediction_counts' },
  { name: 'prediction_hours' },
  // The key of the request is its idempotency key.
  { name: 'predictions', without: ['request'] },
  { name: 'problem_counts' },
  { name: 'promotions' },
  { name: 'refused_fields' },
  { name: 'request_counts' },
  { name: 'run_counts' },
  { name: 'runs', without: ['request', 'owner'] },
  { name: 'schedule_changes' },
  { name: 'task_runs', without: ['key'] },
];

/** What the reader may read of a project: no values of rows whose columns the contract calls sensitive. */
export function readableOf(contract: Contract | undefined): readonly Readable[] {
  const hidden = hiddenColumns(contract);
  return READABLE.map((readable) => {
    const without = [...(readable.without ?? []), ...(hidden[readable.name] ?? [])];
    return without.length === 0 ? readable : { ...readable, without };
  });
}

/** Whether the reader may run a query over a project: it names no column that is hidden there. */
export function isReadable(sql: string, contract: Contract | undefined): boolean {
  return Object.entries(hiddenColumns(contract)).every(
    ([table, columns]) => !names(sql, `weir\\.${table}`) || !columns.some((column) => names(sql, column)),
  );
}

const names = (sql: string, word: string): boolean => new RegExp(`(?<![\\w.-])${word}(?![\\w-])`).test(sql);

/** Columns by table that hold values of sensitive columns. */
function hiddenColumns(contract: Contract | undefined): Readonly<Record<string, readonly string[]>> {
  if (contract === undefined || !hasSensitive(contract)) return {};
  const rows = { predictions: ['features'], drift_scores: ['bins', 'examples'] };
  const label = maybeColumnWithRole(contract, 'label');
  if (label === undefined || contract.columns[label]?.sensitive !== true) return rows;
  // A prediction is a guess at the label, so it is hidden with it.
  return {
    ...rows,
    predictions: ['features', 'prediction'],
    prediction_counts: ['prediction'],
    prediction_hours: ['prediction', 'total'],
    prediction_counts_between: ['prediction', 'total'],
    performance_quarters: ['predicted', 'actual'],
    labels: ['value'],
  };
}
