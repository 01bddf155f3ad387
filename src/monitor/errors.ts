import { CodedError } from '#store';

/** Error codes of this part. Codes stay the same when messages change. `docs/errors.md` is proven equal. */
export const MONITOR_ERRORS = {
  dashboard_invalid: 'The definition of a dashboard is invalid.',
  alert_invalid: 'An alert is invalid.',
  channel_invalid: 'The settings of an alert channel are invalid.',
  reader_refused: 'The role that Grafana reads with is missing, or this user may not change it.',
  alert_unknown: 'There is no alert with this id.',
  alert_channel_unknown: 'The settings have no alert channel with this name.',
  alert_rule_invalid: 'A field of an alert rule is not what its kind takes.',
  alert_rule_unknown: 'There is no alert rule with this name.',
  alert_rule_unchanged: 'The alert rule is so already: it does not fire, is not muted, or nothing of it was changed.',
  alert_rule_untriable: 'The alert rule measures what no table remembers, so it cannot be tried.',
  drift_invalid: 'Drift cannot be measured between these samples.',
} as const;

export type MonitorErrorCode = keyof typeof MONITOR_ERRORS;

/** An error of this part, with a code that callers can handle. */
export class MonitorError extends CodedError<MonitorErrorCode> {
  override readonly name = 'MonitorError';
  readonly part = 'monitor';
}
