import type { Json } from '../define/goal.ts';
import { encodeCanonical } from '../define/key.ts';

/** A place at which two values differ. */
export interface ValueChange {
  /** The names that lead there, joined by dots: `estimator.settings.k`. */
  readonly path: string;
  /** Absent when the place is new. */
  readonly before?: Json;
  /** Absent when the place is gone. */
  readonly after?: Json;
}

/**
 * Where two values differ, as deep as both have the same shape: records by name, lists of one length by position. Equal
 * as keys compare them, so `1` and `1.0` are equal and the order of names does not matter.
 */
export function listChanges(
  path: string,
  { before, after }: { readonly before?: Json | undefined; readonly after?: Json | undefined },
): readonly ValueChange[] {
  if (before === undefined || after === undefined) {
    return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
  }
  if (encodeCanonical(before) === encodeCanonical(after)) return [];
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  if (was === undefined || is === undefined || Array.isArray(before) !== Array.isArray(after)) {
    return [{ path, before, after }];
  }
  if (Array.isArray(before) && was.size !== is.size) return [{ path, before, after }];
  const names = [...new Set([...was.keys(), ...is.keys()])];
  return names.flatMap((name) => listChanges(`${path}.${name}`, { before: was.get(name), after: is.get(name) }));
}

/** Its fields by name, or its items by position; undefined for a value without either. */
function fieldsOf(value: Json): ReadonlyMap<string, Json> | undefined {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
}
