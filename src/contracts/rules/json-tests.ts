/** A value that JSON has. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** A schema of JSON Schema 2020-12. */
export type JsonCellSchema = boolean | { readonly [keyword: string]: Json };

/** Whether a value is as a schema says. What the schema says of its fields and items is noted in `seen`, if there is one. */
export type JsonTest = (value: Json, run: JsonRun, seen: Seen | undefined) => boolean;

/** Which fields and items of a value some schema has looked at. */
export interface Seen {
  readonly fields: Set<string>;
  readonly items: Set<number>;
}

export function nothingSeen(): Seen {
  return { fields: new Set(), items: new Set() };
}

export function addSeen(to: Seen, { fields, items }: Seen): void {
  for (const field of fields) to.fields.add(field);
  for (const item of items) to.items.add(item);
}

/** Why a schema cannot be used, and where in it; the message says what to write instead. */
export class SchemaFault extends Error {
  override readonly name = 'SchemaFault';
}

/** A value takes more steps than it may, or lies deeper than schemas follow. */
export class TooMuchError extends Error {
  override readonly name = 'TooMuchError';
}

const DEPTH_MAX = 200;

/** What testing one value may take: steps in proportion to its text, and a depth that the stack has. */
export class JsonRun {
  #steps: number;
  #depth = 0;

  constructor(stepsMax: number) {
    this.#steps = stepsMax;
  }

  step(): void {
    if (--this.#steps < 0) throw new TooMuchError('Testing it takes too many steps.');
  }

  /** Follows a reference. */
  within(work: () => boolean): boolean {
    if (++this.#depth > DEPTH_MAX) throw new TooMuchError('It lies too deep.');
    const isMet = work();
    this.#depth--;
    return isMet;
  }

  /** The same text for equal values, whatever the order of their fields. */
  textOf(value: Json, depth = 0): string {
    this.step();
    if (depth > DEPTH_MAX) throw new TooMuchError('It lies too deep.');
    if (value === null || typeof value !== 'object') return JSON.stringify(value);
    if (isList(value)) return `[${value.map((item) => this.textOf(item, depth + 1)).join(',')}]`;
    const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${this.textOf(field, depth + 1)}`).join(',')}}`;
  }
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

export function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
