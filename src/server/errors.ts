import type { RowProblem } from '#api';

/** Every error of this part: its code, its HTTP status, and its meaning in one sentence. */
export const SERVER_ERRORS = {
  request_invalid: { status: 400, message: 'A parameter, a query field or a header is not what the route expects.' },
  json_invalid: { status: 400, message: 'The body is not JSON, or it holds a key that is never allowed.' },
  cursor_invalid: { status: 422, message: 'The cursor was not issued by this list.' },
  params_invalid: { status: 422, message: 'The params are not those that the pipeline takes.' },
  timezone_unknown: { status: 422, message: 'The time zone is not an IANA name.' },
  value_unfit: { status: 422, message: 'The database cannot hold a value.' },
  period_invalid: { status: 422, message: 'The period ends before it starts.' },
  bind_refused: { status: 400, message: 'Without a login, only loopback addresses are served.' },
  login_required: { status: 401, message: 'The request needs a login or an API key, or the one given is not valid.' },
  login_refused: { status: 401, message: 'The name or the password is wrong, or the user is disabled.' },
  csrf_refused: { status: 403, message: 'The request was made with a session and without its token.' },
  role_insufficient: { status: 403, message: 'The role of the user or the key does not allow the request.' },
  origin_refused: { status: 403, message: 'The request came from a page of another site.' },
  route_unknown: { status: 404, message: 'There is no such route.' },
  run_unknown: { status: 404, message: 'There is no run with this id.' },
  task_run_unknown: { status: 404, message: 'The run has no task run of this goal.' },
  output_missing: { status: 410, message: 'The bytes of an output are not stored, or no longer.' },
  worker_unknown: { status: 404, message: 'No worker has this name or id.' },
  schedule_unknown: { status: 404, message: 'The project has no pipeline with this name that runs on a schedule.' },
  pipeline_unknown: { status: 404, message: 'The project has no pipeline with this name.' },
  task_unknown: { status: 404, message: 'The project has no task with this name.' },
  version_unknown: { status: 404, message: 'There is no such version of a result, or it can no longer be read.' },
  check_unknown: { status: 404, message: 'There is no check with this id.' },
  report_missing: { status: 404, message: 'The check has no report, or it was cleaned up.' },
  file_missing: { status: 404, message: 'The part of a checked file was moved or removed, or there never was one.' },
  file_sensitive: { status: 403, message: 'The file may hold values of sensitive columns, which are not sent.' },
  dashboard_unknown: { status: 404, message: 'There is no dashboard with this id.' },
  drift_window_unknown: { status: 404, message: 'There is no window with this id that was judged for drift.' },
  alert_unknown: { status: 404, message: 'There is no alert with this id.' },
  alert_channel_unknown: { status: 404, message: 'The settings have no alert channel with this name.' },
  alert_rule_unknown: { status: 404, message: 'There is no alert rule with this name.' },
  user_unknown: { status: 404, message: 'There is no user with this id.' },
  api_key_unknown: { status: 404, message: 'There is no API key with this id.' },
  model_absent: { status: 404, message: 'This project has no model: no contract, nothing to predict.' },
  model_unknown: { status: 404, message: 'There is no such model version.' },
  labels_refused: { status: 422, message: 'Labels do not name their row, or are no values.' },
  prediction_unknown: { status: 404, message: 'There is no such prediction.' },
  prediction_job_unknown: { status: 404, message: 'There is no prediction job with this id.' },
  dataset_missing: { status: 410, message: 'The rows of the dataset version are no longer stored.' },
  dataset_unknown: { status: 404, message: 'There is no such version of the dataset.' },
  page_missing: { status: 404, message: 'The web app has no such file, or it is not built.' },
  method_not_allowed: {
    status: 405,
    message: 'The address does not accept this method; the header Allow lists those it accepts.',
  },
  not_acceptable: { status: 406, message: 'The header Accept allows no media type that the route can answer with.' },
  request_timeout: { status: 408, message: 'The request did not arrive in time.' },
  request_conflict: { status: 409, message: 'The idempotency key was used before for another body.' },
  schedule_unchanged: { status: 409, message: 'The schedule is paused already, or it is not paused.' },
  alert_rule_unchanged: {
    status: 409,
    message: 'The alert rule is so already: it does not fire, is not muted, or nothing of it was changed.',
  },
  alert_rule_untriable: {
    status: 409,
    message: 'The alert rule measures what no table remembers, so it cannot be tried.',
  },
  user_name_taken: { status: 409, message: 'There is another user with this name.' },
  user_last_admin: { status: 409, message: 'The last admin can be neither disabled nor given another role.' },
  user_without_password: {
    status: 409,
    message: 'The user logs in at the identity provider and has no password here.',
  },
  api_key_unchanged: { status: 409, message: 'The API key is revoked already.' },
  promotion_unchanged: { status: 409, message: 'The version is champion, or challenger, already.' },
  promotion_refused: {
    status: 409,
    message: 'Another version is champion, or challenger, than the client expected, or there is none to roll back to.',
  },
  run_not_ended: { status: 409, message: 'Only a run that has ended can be retried.' },
  retry_refused: { status: 409, message: 'The run cannot be retried: its data is processed already, or in use.' },
  run_lost: { status: 409, message: 'The run was deleted, taken over by another process, or no process drives it.' },
  request_refused: { status: 409, message: 'The request cannot be fulfilled at present; the message says why.' },
  run_ended: { status: 409, message: 'The run has ended and cannot be cancelled.' },
  prediction_job_unfinished: { status: 409, message: 'The prediction job has no result: it has not succeeded.' },
  setup_link_invalid: { status: 410, message: 'The one-time link was used before, has expired, or was replaced.' },
  body_too_large: { status: 413, message: 'The body is larger than the server accepts.' },
  media_type_unsupported: { status: 415, message: 'The body must be application/json.' },
  encoding_unsupported: { status: 415, message: 'The content-encoding is none that the server can read.' },
  host_refused: { status: 421, message: 'The Host header names another server.' },
  password_unfit: { status: 422, message: 'The password is too short or too long, or one of the commonest.' },
  rows_invalid: { status: 422, message: 'Rows violate the contract; every problem is listed by row and field.' },
  alert_rule_invalid: { status: 422, message: 'A field of an alert rule is not what its kind takes.' },
  run_limit: { status: 422, message: 'The run would be larger than the limits allow.' },
  project_invalid: { status: 422, message: 'A definition of the project is invalid.' },
  rate_limited: {
    status: 429,
    message: 'There were too many requests; the header Retry-After says when to try again.',
  },
  headers_too_large: { status: 431, message: 'The headers of the request are larger than the server accepts.' },
  internal: { status: 500, message: 'An internal error occurred; the log has the request id and the cause.' },
  champion_missing: { status: 503, message: 'No model version is champion yet.' },
  model_unusable: { status: 503, message: 'The model version could not be loaded.' },
  database_unreachable: {
    status: 503,
    message:
      'The database does not answer. Try again in a moment. The request may have been completed: repeat predictions with an idempotency key.',
  },
  server_closing: { status: 503, message: 'The server is shutting down.' },
  overloaded: { status: 503, message: 'Too many rows are being predicted at once.' },
  exports_exhausted: { status: 503, message: 'Too many exports are being sent at once.' },
  clients_exhausted: { status: 503, message: 'Too many clients follow the events.' },
  answer_timeout: {
    status: 503,
    message:
      'The answer took too long. The request may still be completed; repeat predictions with an idempotency key.',
  },
} as const satisfies Record<string, { readonly status: number; readonly message: string }>;

export type ServerErrorCode = keyof typeof SERVER_ERRORS;

export interface ServerErrorOptions extends ErrorOptions {
  readonly problems?: readonly RowProblem[];
  /** Headers that the answer needs besides its body, such as Allow. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is an error. Its message is shown to the caller, so it never holds SQL, stacks or secrets. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly part = 'server';
  readonly code: ServerErrorCode;
  readonly problems: readonly RowProblem[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ServerErrorCode, message?: string, options: ServerErrorOptions = {}) {
    super(message ?? SERVER_ERRORS[code].message, options);
    this.code = code;
    this.problems = options.problems;
    this.headers = options.headers ?? {};
  }

  get status(): number {
    return SERVER_ERRORS[this.code].status;
  }

  /** What the code means, whatever happened. */
  get title(): string {
    return SERVER_ERRORS[this.code].message;
  }
}
