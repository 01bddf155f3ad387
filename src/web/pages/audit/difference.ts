/** A value before and after a change; one that is missing was added or removed. */
export interface Change {
  /** Where it is: `schedule.minutes`; empty when the whole value differs. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** A change with more values would not be read. */
const CHANGES_MAX = 200;

/** The values that differ between two records, however deep. */
export function listDifferences(before: unknown, after: unknown): readonly Change[] {
  return [...differences('', before, after)].slice(0, CHANGES_MAX);
}

function* differences(path: string, before: unknown, after: unknown): Generator<Change> {
  if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      yield* differences(path === '' ? key : `${path}.${key}`, before[key], after[key]);
    return;
  }
  if (JSON.stringify(before) !== JSON.stringify(after)) yield { path, before, after };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value as a person reads it; empty for one that is not there. */
export function toValueText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
