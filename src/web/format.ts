import type { ContractColumn, Panel } from '#api';
import { timeZone, zoneOffsetMinutes } from './zone.ts';

/** The pages are in English; dates and numbers follow it, so that a sentence does not change language in the middle. */
const LOCALE = 'en-GB';
/** Shown wherever there is no value. */
export const NOTHING = '–';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const plain = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 });
const fine = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3 });
// In British English a million is `1m`, as a metre is.
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 4 });
const dayOnly = new Intl.DateTimeFormat(LOCALE, {
  timeZone: 'UTC',
  weekday: 'short',
  day: 'numeric',
  month: 'short',
});
const dateOnly = new Intl.DateTimeFormat(LOCALE, { timeZone: 'UTC', dateStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto', style: 'short' });

/** Making one takes longer than using it. */
const formats = new Map<string, ReturnType<typeof makeFormats>>();
const makeFormats = (timeZone: string) => ({
  absolute: new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'medium', timeZone }),
  clock: new Intl.DateTimeFormat(LOCALE, { timeStyle: 'medium', timeZone }),
  shortClock: new Intl.DateTimeFormat(LOCALE, { timeStyle: 'short', timeZone }),
  shortDay: new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short', timeZone }),
});
function formatsOf(zone: string) {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = makeFormats(zone);
  formats.set(zone, made);
  return made;
}

function isNumber(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** 1234.5 → `1,234.5`; small numbers keep three digits that mean something. */
export function toNumberText(value: number | null | undefined): string {
  if (!isNumber(value)) return NOTHING;
  return value !== 0 && Math.abs(value) < 1 ? fine.format(value) : plain.format(value);
}

/** For axes of little room: 1,250,000 → `1.25M`. */
export function toCompactText(value: number | undefined): string {
  return isNumber(value) ? compact.format(value) : NOTHING;
}

/** A share of one as a percentage: 0.8123 → `81.2 %`. */
export function toShareText(share: number | null | undefined): string {
  return isNumber(share) ? toPercentText(share * 100) : NOTHING;
}

function toPercentText(percent: number): string {
  const digits = Math.abs(percent) < 1 && percent !== 0 ? 2 : 1;
  return `${new Intl.NumberFormat(LOCALE, { maximumFractionDigits: digits }).format(percent)} %`;
}

/** 2050 → `2.05 s`, 95 000 → `1 min 35 s`. */
export function toDurationText(milliseconds: number | null | undefined): string {
  if (!isNumber(milliseconds)) return NOTHING;
  if (milliseconds === 0) return '0 ms';
  if (milliseconds < 1) return '< 1 ms';
  if (milliseconds < 1000) return `${fine.format(milliseconds)} ms`;
  if (milliseconds < MINUTE_MS) return `${fine.format(milliseconds / 1000)} s`;
  if (milliseconds < HOUR_MS) return twoUnits(milliseconds / 1000, 60, ['min', 's']);
  if (milliseconds < DAY_MS) return twoUnits(milliseconds / MINUTE_MS, 60, ['h', 'min']);
  return twoUnits(milliseconds / HOUR_MS, 24, ['d', 'h']);
}

function twoUnits(amount: number, size: number, [large, small]: readonly [string, string]): string {
  const whole = Math.floor(amount / size);
  const rest = Math.floor(amount % size);
  return rest === 0 ? `${whole} ${large}` : `${whole} ${large} ${rest} ${small}`;
}

/** 1536 → `1.5 KB`, as reports write it. */
export function toBytesText(bytes: number | null | undefined): string {
  if (!isNumber(bytes)) return NOTHING;
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log2(Math.max(Math.abs(bytes), 1)) / 10), units.length - 1);
  return `${toNumberText(Math.round((bytes / 1024 ** power) * 10) / 10)} ${units[power] ?? 'B'}`;
}

/** A value of a panel in its unit. `percent` counts from 0 to 100, as in Grafana. */
export function toUnitText(value: number | null | undefined, unit: Panel['unit'], label?: NumberStyle): string {
  if (!isNumber(value)) return NOTHING;
  switch (unit) {
    case 'label':
      return toStatisticText(value, label);
    case 'none':
    case 'count':
      return toNumberText(value);
    case 'percent':
      return toPercentText(value);
    case 'milliseconds':
      return toDurationText(value);
    case 'seconds':
      return toDurationText(value * 1000);
    case 'bytes':
      return toBytesText(value);
    default: {
      const never: never = unit;
      return never;
    }
  }
}

/** `21 Nov 2026, 04:33:10`, in the zone that is shown. */
export function toTimeText(time: string | number | Date): string {
  return formatsOf(timeZone()).absolute.format(new Date(time));
}

/** `2026-11-21` → `Sat, 21 Nov`. */
export function toDayText(day: string): string {
  return dayOnly.format(new Date(`${day}T00:00:00Z`));
}

/** A date without a time, which is the same in every zone: `2026-11-21T00:00:00Z` → `21 Nov 2026`. */
export function toDateText(time: string): string {
  return dateOnly.format(new Date(time));
}

/** `04:33:10`, in the zone that is shown. */
export function toClockText(time: string | number | Date): string {
  return formatsOf(timeZone()).clock.format(new Date(time));
}

/** `04:33`, in the zone that is shown. */
export function toShortClockText(time: number): string {
  return formatsOf(timeZone()).shortClock.format(time);
}

/** `21 Nov`, in the zone that is shown. */
export function toShortDayText(time: number): string {
  return formatsOf(timeZone()).shortDay.format(time);
}

/** `3 min ago`, `in 20 sec`. */
export function toRelativeText(time: string | number | Date, nowMs: number): string {
  const distanceMs = new Date(time).getTime() - nowMs;
  const size = Math.abs(distanceMs);
  if (size < 5_000) return 'now';
  if (size < MINUTE_MS) return relative.format(Math.trunc(distanceMs / 1000), 'second');
  if (size < HOUR_MS) return relative.format(Math.trunc(distanceMs / MINUTE_MS), 'minute');
  if (size < DAY_MS) return relative.format(Math.trunc(distanceMs / HOUR_MS), 'hour');
  return relative.format(Math.trunc(distanceMs / DAY_MS), 'day');
}

/** Any cell as text; an empty one as a dash. Of a list its items, of a record its names with their values. */
export function toCellText(value: unknown): string {
  if (value === null || value === undefined || value === '') return NOTHING;
  if (typeof value === 'number') return toNumberText(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'object') return String(value);
  const parts = Array.isArray(value)
    ? value.map(toPartText)
    : Object.entries(value).map(([name, part]) => `${name} ${toPartText(part)}`);
  return parts.length === 0 ? NOTHING : parts.join(' · ');
}

/** A part of a cell: numbers stay as they are, because a year is one too, and so does what is nested. */
function toPartText(value: unknown): string {
  if (typeof value === 'number' || (typeof value === 'object' && value !== null)) return JSON.stringify(value);
  return toCellText(value);
}

/** `passed-rows` or `passed_rows` → `Passed rows`. */
export function toTitle(name: string): string {
  const words = name.replaceAll(/[-_]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The plural where the count wants it: `1 row`, `2 rows`. */
export function toCountText(count: number, singular: string, plural = `${singular}s`): string {
  return `${toNumberText(count)} ${count === 1 ? singular : plural}`;
}

/** How the numbers of a column are written. */
export type NumberStyle = Partial<Pick<ContractColumn, 'kind' | 'unit' | 'decimals'>>;

/** Digits of a number without stated decimals. */
const DECIMALS = 2;
const SIGNIFICANT_DIGITS = 3;

/** A label, predicted or real: a class as it is, a number with the contract's decimals and unit. */
export function toLabelText(value: string | number | boolean, style: NumberStyle = {}): string {
  if (typeof value !== 'number') return toFeatureText(value);
  const { decimals } = style;
  return decimals === undefined ? toStatisticText(value, style) : withUnit(toDigits(value, decimals, decimals), style);
}

/** An average or an error of numbers, in their unit: at least three digits, since a mean of whole numbers is none itself. */
export function toStatisticText(value: number | null | undefined, style: NumberStyle = {}): string {
  if (!isNumber(value)) return NOTHING;
  const decimals = style.decimals ?? (style.kind === 'integer' ? 0 : DECIMALS);
  const size = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  const isShort = size < SIGNIFICANT_DIGITS - 1;
  const most = isShort ? Math.max(decimals, SIGNIFICANT_DIGITS - 1 - size) : decimals;
  return withUnit(toDigits(value, style.decimals ?? 0, most), style);
}

function toDigits(value: number, least: number, most: number): string {
  return new Intl.NumberFormat(LOCALE, {
    minimumFractionDigits: least,
    maximumFractionDigits: Math.min(DIGITS_MAX, Math.max(least, most)),
  }).format(value);
}

/** Of Intl.NumberFormat in every browser. */
const DIGITS_MAX = 20;

const withUnit = (text: string, { unit }: NumberStyle): string => (unit === undefined ? text : `${text} ${unit}`);

/**
 * A feature or row value as it is, without thousands separators: 1912 is a year as often as a count. A timestamp is a
 * time in the zone that is shown, and a date has none.
 */
export function toFeatureText(value: unknown, { kind, decimals }: NumberStyle = {}): string {
  if (kind === 'timestamp' || kind === 'date') return toMomentText(value, kind);
  if (typeof value !== 'number') return toCellText(value);
  return decimals === undefined ? String(Math.round(value * 1e6) / 1e6) : value.toFixed(decimals);
}

function toMomentText(value: unknown, kind: 'timestamp' | 'date'): string {
  const isTime = (typeof value === 'string' || typeof value === 'number') && !Number.isNaN(new Date(value).getTime());
  if (!isTime) return toCellText(value);
  return kind === 'date' ? toDateText(new Date(value).toISOString()) : toTimeText(value);
}

/** How far the zone that is shown is from UTC at a moment, which may be in summer: `UTC+2`. */
export const toZoneText = (time: string | number): string => toOffsetText(zoneOffsetMinutes(new Date(time).getTime()));

/** The distance of a zone to UTC: 120 → `UTC+2`, -210 → `UTC-3:30`. */
export function toOffsetText(minutes: number): string {
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  const rest = size % 60;
  return `UTC${minutes < 0 ? '-' : '+'}${Math.floor(size / 60)}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}
