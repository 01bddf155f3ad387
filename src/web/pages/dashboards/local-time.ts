import { zoneOffsetMinutes } from '../../zone.ts';

const MINUTE_MS = 60_000;
const WRITTEN = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/;

/** A moment as a field for local times has it, in the zone that is shown: `2026-03-01T10:00`. */
export function toLocalText(moment: string | undefined): string {
  if (moment === undefined) return '';
  const time = Date.parse(moment);
  return new Date(time + zoneOffsetMinutes(time) * MINUTE_MS).toISOString().slice(0, 16);
}

/** The moment that such a field has, or undefined while it has none. */
export function toMoment(text: string): string | undefined {
  if (!WRITTEN.test(text)) return undefined;
  const asUtc = Date.parse(`${text}Z`);
  // The offset there, not of the time that the text would be in UTC.
  const offset = zoneOffsetMinutes(asUtc - zoneOffsetMinutes(asUtc) * MINUTE_MS);
  return new Date(asUtc - offset * MINUTE_MS).toISOString();
}
