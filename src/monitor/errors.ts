/** What can go wrong in this part; callers map codes, never messages. */
export type MonitorErrorCode =
  | 'dashboard_invalid'
  | 'alert_invalid'
  | 'cursor_invalid'
  | 'channel_invalid'
  | 'drift_invalid';

/** An error of this part, with a code that callers can decide on. */
export class MonitorError extends Error {
  override readonly name = 'MonitorError';
  readonly code: MonitorErrorCode;

  constructor(code: MonitorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
