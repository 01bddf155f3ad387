import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maybeRecordKernel } from '../../../src/contracts/scan/record-kernel.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';

const RULES = { delimiter: 44, fields: 2, recordBytesMax: 40, isStrict: false };

function kernelOf(text: string) {
  const kernel = maybeRecordKernel();
  if (kernel === undefined) throw new Error('This Node runs no WebAssembly.');
  kernel.load(Buffer.from(text));
  return kernel;
}

describe('the kernel that passes records', () => {
  it('stops where a record begins that is not plainly regular', () => {
    const regular = 'a,b\n"c, ""d""",e\nü,\n';
    const sizeBytes = Buffer.byteLength(regular);
    const odd = ['x,y,z\n', 'x\n', '\n', 'a,b"c\n', '"a"b,c\n', '"a\nb",c\n', 'a,b\r\n', `${'a'.repeat(40)},b\n`];
    for (const line of odd)
      expect(kernelOf(`${regular}${line}a,b\n`).run(0, RULES).end, JSON.stringify(line)).toBe(sizeBytes);
    for (const rest of ['a,b', '"a', '"a"', 'a,"b"', ''])
      expect(kernelOf(`${regular}${rest}`).run(0, RULES).end, JSON.stringify(rest)).toBe(sizeBytes);
    expect(kernelOf(regular).run(0, RULES)).toEqual({ end: sizeBytes, records: 3, longest: 12 });
    expect(kernelOf(regular).run(4, RULES)).toEqual({ end: sizeBytes, records: 2, longest: 12 });
  });

  it('stops at NUL and at bytes above 127 when it is asked to', () => {
    const strict = { ...RULES, isStrict: true };
    for (const line of ['ü,b\n', 'a,b\0\n', '"ü",b\n', '"\0",b\n'])
      expect(kernelOf(`a,b\n${line}`).run(0, strict)).toEqual({ end: 4, records: 1, longest: 3 });
  });

  it('takes nothing behind the bytes it was given for theirs', () => {
    const kernel = kernelOf(`${'a,b\n'.repeat(20)}`);
    kernel.load(Buffer.from('a,b\nc'));
    expect(kernel.run(0, RULES)).toEqual({ end: 4, records: 1, longest: 3 });
    expect(kernel.skip(0, 9)).toEqual({ end: 4, records: 1 });
  });

  it('skips as many records of canonical text as asked, or as there are', () => {
    const field = fc.constantFrom('a', '', '"x,y"', '"line\nend"', '"a ""quoted"" word"', 'plain text of some length');
    const record = fc.tuple(field, field).map((fields) => `${fields.join(',')}\n`);
    fc.assert(
      fc.property(fc.array(record, { maxLength: 60 }), fc.nat({ max: 70 }), fc.nat(), (records, wanted, from) => {
        const first = records.length === 0 ? 0 : from % records.length;
        const start = Buffer.byteLength(records.slice(0, first).join(''));
        const passed = records.slice(first, first + wanted);
        expect(kernelOf(`${records.join('')}"half`).skip(start, wanted)).toEqual({
          end: start + Buffer.byteLength(passed.join('')),
          records: passed.length,
        });
      }),
      { numRuns: propertyRuns(500) },
    );
  });
});
