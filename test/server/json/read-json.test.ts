import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atOnce } from '../../../src/server/in-turns.ts';
import { readJsonBytes } from '../../../src/server/json/read-json.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';

const OPTIONS = { depthMax: 64, pieceBytes: 12 };
const read = (text: string, options = OPTIONS): unknown => atOnce(readJsonBytes(Buffer.from(text), options));

const texts = fc
  .record({
    value: fc.jsonValue({ maxDepth: 6 }),
    indent: fc.constantFrom(undefined, 1, '\t'),
    before: fc.constantFrom('', ' \n'),
  })
  // Refused, which another test shows.
  .filter(({ value }) => !/__proto__|constructor/.test(JSON.stringify(value)))
  .map(({ value, indent, before }) => `${before}${JSON.stringify(value, null, indent)}${before}`);

function outcomeOf(work: () => unknown): { readonly value: unknown } | 'refused' {
  try {
    return { value: work() };
  } catch {
    return 'refused';
  }
}

describe('JSON that is parsed in pieces', () => {
  it('is what JSON.parse gives, however small the pieces', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 40 }), (text, pieceBytes) => {
        expect(read(text, { depthMax: 64, pieceBytes })).toEqual(JSON.parse(text));
      }),
      { numRuns: propertyRuns(500) },
    );
  });

  it('is refused where JSON.parse refuses it, and taken where it does not', () => {
    const change = fc.record({
      at: fc.nat(),
      removed: fc.constantFrom(0, 1, 2),
      added: fc.constantFrom('', ',', '[', ']', '{', '}', ':', '"', '1', ' ', '\\', ',,', '[]', 'null'),
    });
    fc.assert(
      fc.property(texts, change, (text, { at, removed, added }) => {
        const place = at % (text.length + 1);
        const changed = text.slice(0, place) + added + text.slice(place + removed);
        expect(outcomeOf(() => read(changed))).toEqual(outcomeOf(() => JSON.parse(changed)));
      }),
      { numRuns: propertyRuns(1500) },
    );
  });

  it.each([
    ['[[1,2,3,4,5,6,7,8],]', 'brackets and commas'],
    ['[,[1,2,3,4,5,6,7,8]]', 'brackets and commas'],
    ['[[1,2,3,4,5,6,7,8] 9, 10]', 'brackets and commas'],
    ['{"a":[1,2,3,4,5,6,7,8]"b"}', 'brackets and commas'],
    ['{"a" [1,2,3,4,5,6,7,8]}', 'from byte 1 on'],
    ['[[1,2,3,4,5,6,7,8][1,2,3,4,5,6,7,8]]', 'brackets and commas'],
    ['[1,2,3,4,5,6,7,8] 9', 'brackets and commas'],
    ['9 [1,2,3,4,5,6,7,8]', 'brackets and commas'],
    ['[1,2,3,4,5,6,7,8}', 'brackets and commas'],
    ['[1,2,3,4,5,6,7,x,9,10]', 'from byte'],
    ['["a text that is not ended]', 'brackets and commas'],
    [`${'['.repeat(65)}${']'.repeat(65)}`, 'at most 64'],
    ['{"a":1,"__proto__":{"b":[1,2,3,4,5,6,7,8]}}', '__proto__'],
    ['{"a":1,"constructor":{"prototype":[1,2,3,4,5,6,7,8]}}', 'constructor.prototype'],
    ['{"a":1,"constr\\u0075ctor":{"prototype":[1,2,3,4,5,6,7,8]}}', 'constructor.prototype'],
  ])('refuses %s', (text, reason) => {
    expect(() => read(text)).toThrow(reason);
  });

  it('has a key that comes twice once, with its last value', () => {
    expect(read('{"a":[1,2,3,4,5,6,7,8],"b":1,"a":[9]}')).toEqual({ a: [9], b: 1 });
    expect(read('{"a":[9],"b":1,"a":[1,2,3,4,5,6,7,8]}')).toEqual({ a: [1, 2, 3, 4, 5, 6, 7, 8], b: 1 });
  });

  it('leaves turns to others: a body of a megabyte is parsed in many steps', () => {
    const rows = Array.from({ length: 20_000 }, (_, row) => ({ row, name: `the name of row ${row}` }));
    const steps = readJsonBytes(Buffer.from(JSON.stringify({ rows })), { depthMax: 64 });
    let count = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) count += 1;
    expect(step.value).toEqual({ rows });
    expect(count).toBeGreaterThan(20);
  });

  it('refuses a text of more than four megabytes, which would be parsed at once', () => {
    expect(() => read(JSON.stringify(['x'.repeat(4 * 1024 * 1024)]))).toThrow('at most 4 MB');
    expect(read(JSON.stringify(['x'.repeat(1024 * 1024)]))).toEqual(['x'.repeat(1024 * 1024)]);
  });

  it('may begin with a byte order mark, and must be UTF-8', () => {
    expect(read('\uFEFF[1,2,3,4,5,6,7,8]')).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(() => atOnce(readJsonBytes(Buffer.from([0x5b, 0xff, 0x5d]), OPTIONS))).toThrow('UTF-8');
  });
});
