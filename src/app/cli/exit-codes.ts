import type { AccessErrorCode } from '#access';
import type { ContractErrorCode, Verdict } from '#contracts';
import type { EngineErrorCode } from '#engine';
import type { MlErrorCode } from '#ml';
import type { MonitorErrorCode } from '#monitor';
import type { PipelineErrorCode } from '#pipelines';
import type { StoreErrorCode } from '#store';
import type { AppErrorCode } from '../project/errors.ts';
import { isPartError } from '../project/errors.ts';

/** Exit codes of commands. Those above 63 are the ones of sysexits.h, so that no verdict looks like them. */
export const EXIT_CODES = {
  done: 0,
  /** A run failed or was cancelled, or a check found a problem. */
  failed: 1,
  unreadable: 3,
  usage: 64,
  software: 70,
  /** A temporary failure: another process has the state folder, or does what only one may do. */
  busy: 75,
  interrupted: 130,
} as const;

/** Exit codes of a check. */
export const VERDICT_CODES: Readonly<Record<Verdict, number>> = { pass: 0, warn: 1, fail: 2, quarantined: 3 };

interface Codes {
  readonly store: StoreErrorCode;
  readonly engine: EngineErrorCode;
  readonly contracts: ContractErrorCode;
  readonly ml: MlErrorCode;
  readonly monitor: MonitorErrorCode;
  readonly access: AccessErrorCode;
  readonly pipelines: PipelineErrorCode;
  readonly app: AppErrorCode;
}

/** The exit code for each error code of a part. */
export const EXITS: {
  readonly [Part in keyof Codes]: { readonly [Code in Codes[Part]]: keyof typeof EXIT_CODES };
} = {
  store: {
    artifact_missing: 'software',
    bucket_unusable: 'usage',
    bucket_failed: 'software',
    artifact_damaged: 'software',
    artifact_refused: 'software',
    artifact_failed: 'software',
    digest_invalid: 'software',
    engine_unusable: 'usage',
    engine_unreachable: 'software',
    engine_statement: 'software',
    engine_ended: 'software',
    duckdb_statement: 'software',
    duckdb_memory: 'software',
    duckdb_ended: 'software',
    database_unreachable: 'software',
    transaction_rolled_back: 'software',
    cursor_invalid: 'usage',
    migration_mismatch: 'software',
    migration_failed: 'software',
    migration_blocked: 'busy',
    migrations_pending: 'busy',
    migration_invalid: 'software',
    postgres_unusable: 'software',
    postgres_data_unfit: 'software',
    address_refused: 'usage',
    answer_too_large: 'software',
    state_folder_unfit: 'software',
    state_folder_in_use: 'busy',
  },
  engine: {
    pipeline_unknown: 'usage',
    task_unknown: 'usage',
    run_unknown: 'usage',
    version_unknown: 'usage',
    pin_unknown: 'usage',
    removal_unknown: 'usage',
    plan_unknown: 'usage',
    id_invalid: 'usage',
    params_invalid: 'usage',
    retry_refused: 'usage',
    backfill_refused: 'usage',
    verify_refused: 'usage',
    schedule_missing: 'usage',
    reason_missing: 'usage',
    collection_busy: 'busy',
    goals_cyclic: 'usage',
    run_limit: 'usage',
    run_lost: 'failed',
    engine_closed: 'software',
    database_unmigrated: 'software',
    task_invalid: 'usage',
    inputs_invalid: 'usage',
    pipeline_invalid: 'usage',
    schedule_invalid: 'usage',
    source_invalid: 'usage',
    partition_invalid: 'usage',
    connection_missing: 'usage',
    sink_invalid: 'usage',
    sink_unknown: 'usage',
    pool_invalid: 'usage',
    code_invalid: 'usage',
    process_invalid: 'software',
    task_failed: 'failed',
    need_refused: 'failed',
    attempt_over: 'software',
    attempt_aborted: 'failed',
    attempt_timeout: 'failed',
    process_ended: 'failed',
    claim_lost: 'failed',
    end_unrecorded: 'software',
    input_changed: 'failed',
    partition_changed: 'failed',
    read_undeclared: 'failed',
    output_invalid: 'failed',
    outcome_missing: 'failed',
    file_unplaced: 'failed',
    artifact_lost: 'failed',
    sink_fenced: 'failed',
  },
  contracts: {
    contract_invalid: 'usage',
    expectation_invalid: 'usage',
    file_unreadable: 'unreadable',
    thresholds_invalid: 'usage',
    profile_outdated: 'software',
    file_too_large: 'unreadable',
    check_failed: 'software',
    reference_missing: 'usage',
    engine_unsuited: 'usage',
    split_failed: 'unreadable',
    corrupt_failed: 'usage',
  },
  ml: {
    features_invalid: 'usage',
    feature_value_invalid: 'software',
    label_invalid: 'usage',
    settings_invalid: 'usage',
    estimator_unknown: 'usage',
    training_impossible: 'software',
    matrix_mismatch: 'software',
    library_missing: 'usage',
    training_ended: 'failed',
    payload_corrupt: 'software',
    model_refused: 'software',
    model_unknown: 'usage',
    labels_refused: 'usage',
    prediction_unknown: 'usage',
    dataset_unknown: 'usage',
    promotion_refused: 'failed',
    request_conflict: 'software',
    prediction_unstorable: 'software',
  },
  monitor: {
    dashboard_invalid: 'usage',
    alert_invalid: 'software',
    channel_invalid: 'usage',
    reader_refused: 'usage',
    alert_unknown: 'usage',
    alert_channel_unknown: 'usage',
    alert_rule_invalid: 'usage',
    alert_rule_unknown: 'usage',
    alert_rule_unchanged: 'failed',
    alert_rule_untriable: 'usage',
    drift_invalid: 'software',
  },
  access: {
    setup_link_invalid: 'usage',
    login_refused: 'usage',
    login_throttled: 'busy',
    logins_busy: 'busy',
    password_unfit: 'usage',
    user_unknown: 'usage',
    user_name_missing: 'usage',
    user_name_taken: 'usage',
    user_last_admin: 'usage',
    user_without_password: 'usage',
    oidc_refused: 'software',
    api_key_unknown: 'usage',
    api_key_unchanged: 'failed',
  },
  pipelines: {
    project_invalid: 'usage',
    pipeline_invalid: 'usage',
    feed_unreadable: 'failed',
    file_name_unfit: 'usage',
    file_unselectable: 'failed',
    dataset_unfit: 'failed',
    predictions_failed: 'failed',
  },
  app: {
    usage_invalid: 'usage',
    config_invalid: 'usage',
    project_missing: 'usage',
    project_invalid: 'usage',
    contract_missing: 'usage',
    contract_unusable: 'usage',
    goal_invalid: 'usage',
    run_unknown: 'usage',
    task_unknown: 'usage',
    task_run_unknown: 'usage',
    output_unknown: 'usage',
    dataset_missing: 'usage',
    schedule_unknown: 'usage',
    folder_unwritable: 'usage',
    library_unfetched: 'failed',
    deployment_unfit: 'usage',
    database_unusable: 'usage',
    port_unusable: 'usage',
    weir_running: 'busy',
    weir_silent: 'busy',
    artifacts_unshared: 'usage',
    worker_unknown: 'usage',
    request_refused: 'usage',
  },
};

const BY_PART = new Map<string, ReadonlyMap<string, keyof typeof EXIT_CODES>>(
  Object.entries(EXITS).map(([part, exits]) => [part, new Map(Object.entries(exits))]),
);

/** The exit code of a command that ends with an error. */
export function exitCodeOf(error: unknown): number {
  const exit = isPartError(error) ? BY_PART.get(error.part)?.get(error.code) : undefined;
  return EXIT_CODES[exit ?? 'software'];
}
