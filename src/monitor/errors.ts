import { CodedError } from '#store';

/** What this part can refuse: codes stay the same when the words change. `docs/errors.md` is proven equal. */
export const MONITOR_ERRORS = {
  dashboard_invalid: 'A dashboard is not defined as it has to be.',
  alert_invalid: 'An alert is not what it has to be.',
  cursor_invalid: 'The cursor is not one that a page before gave.',
  channel_invalid: 'A channel of alerts is not set as it has to be.',
  drift_invalid: 'Drift cannot be measured between these samples.',
} as const;

export type MonitorErrorCode = keyof typeof MONITOR_ERRORS;

/** An error of this part, with a code that callers can decide on. */
export class MonitorError extends CodedError<MonitorErrorCode> {
  override readonly name = 'MonitorError';
  readonly part = 'monitor';
}
