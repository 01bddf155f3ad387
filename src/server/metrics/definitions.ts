/** What a metric measures, for `/metrics` and docs/metrics.md. */
export interface MetricDefinition {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

const counter = (help: string, labels: readonly string[] = []): MetricDefinition => ({ kind: 'counter', help, labels });
const gauge = (help: string, labels: readonly string[] = []): MetricDefinition => ({ kind: 'gauge', help, labels });
const seconds = (help: string, labels: readonly string[]): MetricDefinition => ({ kind: 'histogram', help, labels });

/**
 * Every metric of Weir itself, by name, in base units. The values of each label are bounded: by the routes, the project,
 * the settings, or a limit.
 */
export const METRICS = {
  weir_build_info: gauge('1, with the versions of Weir and Node, and the project.', ['version', 'node', 'project']),
  weir_http_request_duration_seconds: seconds('Time to answer a request, by route.', ['method', 'route', 'status']),
  weir_event_clients: gauge('Clients that follow the events of runs.'),
  weir_predictions_total: counter('Predicted rows, by source and model version.', ['source', 'model_version']),
  weir_prediction_duration_seconds: seconds('Time to answer a request for predictions, by model version.', [
    'model_version',
  ]),
  weir_champion_version: gauge('The model version that is champion.'),
  weir_runs: gauge('Runs that have not ended, by pipeline and state.', ['pipeline', 'state']),
  weir_runs_ended_total: counter('Ended runs, by pipeline and state.', ['pipeline', 'state']),
  weir_run_seconds_total: counter('Time that ended runs took, by pipeline and state.', ['pipeline', 'state']),
  weir_task_runs: gauge('Task runs that have not ended, of runs in progress: the depth of the queue is those queued.', [
    'pipeline',
    'state',
  ]),
  weir_task_runs_ended_total: counter('Task runs of ended runs, by pipeline and state.', ['pipeline', 'state']),
  weir_task_slots: gauge('Slots of the executor: task runs that may run at the same time.'),
  weir_task_slots_used: gauge('Slots of the executor that are in use.'),
  weir_task_slots_waiting: gauge('Task runs of this process that have all they need and wait for a slot.'),
  weir_files_waiting: gauge('Files in raw-data.'),
  weir_checks_total: counter('Checked files, by verdict.', ['verdict']),
  weir_checked_rows_total: counter('Rows of checked files, by result: good, bad or rejected.', ['result']),
  weir_drift_drifted: gauge('1 when the newest window of the stream has drifted, 0 when it is stable.', ['stream']),
  weir_drift_window_end_timestamp_seconds: gauge('End of the newest window judged for drift.', ['stream']),
  weir_alert_rules_firing: gauge('Alert rules that fire.'),
  weir_alert_deliveries_waiting: gauge('Alerts that wait to be delivered, by channel.', ['channel']),
  weir_alert_delivery_attempts_total: counter('Attempts to deliver an alert, by channel and outcome.', [
    'channel',
    'outcome',
  ]),
  weir_alert_channel_dead: gauge('1 while a channel does not accept alerts, else 0.', ['channel']),
  weir_database_up: gauge(
    '1 when the database answered the last look, else 0; then the metrics that it feeds are absent.',
  ),
  weir_database_pool_size: gauge('Connections to the database that the process may have.'),
  weir_database_pool_used: gauge('Connections to the database that are in use.'),
  weir_database_pool_waiting: gauge('Queries that wait for a connection to the database.'),
  weir_disk_free_bytes: gauge('Free space of the disk that holds the state folder.'),
  weir_artifact_store_bytes: gauge('Size of the stored artifacts, measured every ten minutes.'),
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof METRICS;
