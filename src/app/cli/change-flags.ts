import { InvalidArgumentError, Option } from 'commander';

/** Who asks, for what stays on record. */
export interface ChangeFlags {
  readonly project?: string;
  readonly by?: string;
  readonly reason: string;
  readonly json?: boolean;
}

/** `--by`, of commands that leave a record. */
export const byOption = (): Option => new Option('--by <name>', 'who asks, for the record; the user of this system');

/** `--reason`, of commands that leave a record. */
export const reasonOption = (): Option => new Option('--reason <text>', 'why, for the record').makeOptionMandatory();

/** Parses a moment: a date, which begins at midnight UTC, or a date and time in ISO 8601. */
export function toMoment(text: string): Date {
  const moment = new Date(text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(moment.getTime())) return moment;
  throw new InvalidArgumentError(
    `Expected a date such as 2026-01-31, or a time such as 2026-01-31T06:00:00Z; got "${text}".`,
  );
}
