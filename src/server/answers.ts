import type { AccessErrorCode } from '#access';
import type { ContractErrorCode } from '#contracts';
import type { EngineErrorCode } from '#engine';
import type { MlErrorCode } from '#ml';
import type { MonitorErrorCode } from '#monitor';
import type { StoreErrorCode } from '#store';
import type { ServerErrorCode } from './errors.ts';

interface Codes {
  readonly access: AccessErrorCode;
  readonly store: StoreErrorCode;
  readonly engine: EngineErrorCode;
  readonly contracts: ContractErrorCode;
  readonly ml: MlErrorCode;
  readonly monitor: MonitorErrorCode;
}

/** The HTTP error for each error code of a part. `internal` is for errors that no request should cause. */
export const ANSWERS: { readonly [Part in keyof Codes]: { readonly [Code in Codes[Part]]: ServerErrorCode } } = {
  access: {
    setup_link_invalid: 'setup_link_invalid',
    login_refused: 'login_refused',
    login_throttled: 'rate_limited',
    logins_busy: 'rate_limited',
    password_unfit: 'password_unfit',
    user_unknown: 'user_unknown',
    user_name_missing: 'request_invalid',
    user_name_taken: 'user_name_taken',
    user_last_admin: 'user_last_admin',
    user_without_password: 'user_without_password',
    oidc_refused: 'internal',
    api_key_unknown: 'api_key_unknown',
    api_key_unchanged: 'api_key_unchanged',
  },
  store: {
    artifact_missing: 'internal',
    bucket_unusable: 'internal',
    bucket_failed: 'internal',
    artifact_damaged: 'internal',
    artifact_refused: 'internal',
    artifact_failed: 'internal',
    digest_invalid: 'internal',
    engine_unusable: 'internal',
    engine_unreachable: 'internal',
    engine_statement: 'internal',
    engine_ended: 'internal',
    duckdb_statement: 'internal',
    duckdb_memory: 'internal',
    duckdb_ended: 'internal',
    database_unreachable: 'database_unreachable',
    transaction_rolled_back: 'internal',
    cursor_invalid: 'cursor_invalid',
    migration_mismatch: 'internal',
    migration_failed: 'internal',
    migration_blocked: 'internal',
    migrations_pending: 'internal',
    migration_invalid: 'internal',
    postgres_unusable: 'internal',
    postgres_data_unfit: 'internal',
    address_refused: 'internal',
    answer_too_large: 'internal',
    state_folder_unfit: 'internal',
    state_folder_in_use: 'internal',
  },
  engine: {
    pipeline_unknown: 'pipeline_unknown',
    task_unknown: 'task_unknown',
    run_unknown: 'run_unknown',
    version_unknown: 'version_unknown',
    pin_unknown: 'request_refused',
    removal_unknown: 'request_refused',
    plan_unknown: 'request_refused',
    id_invalid: 'request_invalid',
    params_invalid: 'params_invalid',
    retry_refused: 'retry_refused',
    backfill_refused: 'request_refused',
    verify_refused: 'request_refused',
    schedule_missing: 'schedule_unknown',
    reason_missing: 'request_invalid',
    collection_busy: 'request_refused',
    goals_cyclic: 'project_invalid',
    run_limit: 'run_limit',
    run_lost: 'run_lost',
    engine_closed: 'server_closing',
    database_unmigrated: 'internal',
    task_invalid: 'project_invalid',
    inputs_invalid: 'project_invalid',
    pipeline_invalid: 'project_invalid',
    schedule_invalid: 'project_invalid',
    source_invalid: 'project_invalid',
    partition_invalid: 'project_invalid',
    connection_missing: 'project_invalid',
    sink_invalid: 'project_invalid',
    sink_unknown: 'project_invalid',
    pool_invalid: 'project_invalid',
    code_invalid: 'project_invalid',
    process_invalid: 'internal',
    task_failed: 'internal',
    need_refused: 'internal',
    attempt_over: 'internal',
    attempt_aborted: 'internal',
    attempt_timeout: 'internal',
    process_ended: 'internal',
    claim_lost: 'internal',
    end_unrecorded: 'internal',
    input_changed: 'internal',
    partition_changed: 'internal',
    read_undeclared: 'internal',
    output_invalid: 'internal',
    outcome_missing: 'internal',
    file_unplaced: 'internal',
    artifact_lost: 'internal',
    sink_fenced: 'internal',
  },
  contracts: {
    contract_invalid: 'project_invalid',
    expectation_invalid: 'project_invalid',
    file_unreadable: 'internal',
    thresholds_invalid: 'request_refused',
    profile_outdated: 'request_refused',
    file_too_large: 'internal',
    check_failed: 'internal',
    reference_missing: 'internal',
    engine_unsuited: 'internal',
    split_failed: 'internal',
    corrupt_failed: 'internal',
  },
  ml: {
    features_invalid: 'project_invalid',
    feature_value_invalid: 'rows_invalid',
    label_invalid: 'internal',
    settings_invalid: 'project_invalid',
    estimator_unknown: 'project_invalid',
    training_impossible: 'internal',
    matrix_mismatch: 'internal',
    library_missing: 'internal',
    training_ended: 'internal',
    payload_corrupt: 'model_unusable',
    model_refused: 'model_unusable',
    model_unknown: 'model_unknown',
    labels_refused: 'labels_refused',
    prediction_unknown: 'prediction_unknown',
    dataset_unknown: 'dataset_unknown',
    promotion_refused: 'promotion_refused',
    request_conflict: 'request_conflict',
    prediction_unstorable: 'rows_invalid',
  },
  monitor: {
    dashboard_invalid: 'project_invalid',
    alert_invalid: 'internal',
    channel_invalid: 'project_invalid',
    reader_refused: 'internal',
    alert_unknown: 'alert_unknown',
    alert_channel_unknown: 'alert_channel_unknown',
    alert_rule_invalid: 'alert_rule_invalid',
    alert_rule_unknown: 'alert_rule_unknown',
    alert_rule_unchanged: 'alert_rule_unchanged',
    alert_rule_untriable: 'alert_rule_untriable',
    drift_invalid: 'internal',
  },
};

const BY_PART = new Map<unknown, ReadonlyMap<unknown, ServerErrorCode>>(
  Object.entries(ANSWERS).map(([part, answers]) => [part, new Map<unknown, ServerErrorCode>(Object.entries(answers))]),
);

/** The HTTP error for an error of a part; undefined for any other error. */
export function maybeAnswer(error: Error): ServerErrorCode | undefined {
  return 'part' in error && 'code' in error ? BY_PART.get(error.part)?.get(error.code) : undefined;
}
