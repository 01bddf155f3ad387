import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldsOfObject } from '../../../src/contracts/scan/json-object.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';

describe('the fields of a JSON object', () => {
  it('are those that JSON.parse finds, and what is no object is none', () => {
    const json = fc.oneof(
      fc.json(),
      fc.tuple(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), fc.nat({ max: 3 })).map(
        // With blanks, and without.
        ([value, indent]) => JSON.stringify(value, null, indent),
      ),
      fc.tuple(fc.json(), fc.nat(), fc.constantFrom('"', '\\', '{', ']', ',', ':', '1', '\0')).map(
        // Broken somewhere, or not.
        ([text, at, piece]) => text.slice(0, at % (text.length + 1)) + piece + text.slice(at % (text.length + 1)),
      ),
    );
    const seen = { objects: 0, read: 0 };
    fc.assert(
      fc.property(json, (text) => {
        const fields = fieldsOfObject(text);
        const value = maybeObject(text);
        if (value === undefined) {
          expect(fields).toBe('not-a-json-object');
          return;
        }
        seen.objects += 1;
        if (typeof fields === 'string') return;
        seen.read += 1;
        expect(new Set(fields.keys())).toEqual(new Set(Object.keys(value)));
        for (const [name, found] of fields) {
          const expected = Object.getOwnPropertyDescriptor(value, name)?.value;
          expect(typeof expected === 'object' && expected !== null ? JSON.parse(found) : found).toEqual(
            typeof expected === 'object' && expected !== null ? expected : texted(expected, found),
          );
        }
      }),
      { numRuns: 2000, seed: 5 },
    );
    // A few name a field twice or hold half a pair of surrogates.
    expect(seen.read).toBeGreaterThan(0.98 * seen.objects);
    expect(seen.objects).toBeGreaterThan(500);
  });

  it('are none when one is named twice, by the same or by another spelling', () => {
    expect(fieldsOfObject('{"a":1,"a":1}')).toBe('repeated-field');
    expect(fieldsOfObject('{"a":1,"\\u0061":2}')).toBe('repeated-field');
    expect(fieldsOfObject('{"a":{"b":1,"b":2}}')).toEqual(new Map([['a', '{"b":1,"b":2}']]));
  });

  it('are the same of what is read without JSON.parse, and of anything that nearly is such an object', () => {
    const names = fc.constantFrom('a', 'b', 'ä b', '', '__proto__');
    const values = fc.constantFrom('1', '-2.50', 'null', 'true', '""', '"x,}"');
    const field = fc.tuple(names, values).map(([name, value]) => `"${name}": ${value}`);
    const object = fc.array(field, { maxLength: 5 }).map((fields) => `{${fields.join(' , ')}}`);
    const pieces = [...'{} ":,é', 'null', 'true', '-0', '01', '1.50', '1e+5', '.5', '[]', '{}', '"a"', '"":'];
    const nearly = fc
      .tuple(object, fc.nat(40), fc.nat(3), fc.constantFrom('', ...pieces))
      .map(([text, at, length, piece]) => text.slice(0, at) + piece + text.slice(at + length));
    const any = fc.array(fc.constantFrom(...pieces)).map((some) => some.join(''));
    fc.assert(
      // What holds a tab is read by JSON.parse first; behind the object it means nothing.
      fc.property(fc.oneof(object, nearly, any), (text) => {
        expect(fieldsOfObject(text)).toEqual(fieldsOfObject(`${text}\t`));
      }),
      { seed: 11, numRuns: propertyRuns(5000) },
    );
  });

  it('may be nested as deep as the line is long', () => {
    const depth = 100_000;
    const list = '['.repeat(depth) + ']'.repeat(depth);
    expect(fieldsOfObject(`{"a":${list},"b":"\\\\"}`)).toEqual(
      new Map([
        ['a', list],
        ['b', '\\'],
      ]),
    );
  });
});

function maybeObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Numbers are compared by value, since their spelling is kept. */
function texted(value: unknown, found: string): string {
  if (typeof value === 'number' && Number(found) === value) return found;
  return value === null ? '' : String(value);
}
