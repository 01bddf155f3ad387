import { seeded } from '../../../src/contracts/corrupt/random.ts';

const FRAGMENTS = [
  '"',
  '""',
  ',',
  '\n',
  '\r\n',
  '\r',
  'a',
  '1',
  '\u00e9',
  '\u00ff',
  ' ',
  '\\',
  '"x"',
  '"a,b"',
  '"a\nb"',
  '\0',
  "'",
  '"a\r\nb"',
  '\n\n',
  '","',
  '"\n"',
  '"a\n1,b,c,2\nd"',
  '"a\n1,b,c,2\nd",',
  '"a\n1,b,c,2\nd"e',
  '"a\n1,b,c,2\n\0"',
  ',"\n1,b,c,2\n',
];

/** How text and bytes correspond in these tests: a byte for a character, so that what is no UTF-8 can be written down. */
export const LATIN = 'latin1';

/** A file of thirty records, some with fragments thrown in somewhere. Bytes above 127 are Latin-1, so mostly not UTF-8. */
export function hostileFile(seed: number): Buffer {
  const random = seeded(seed);
  const lineEnd = random.next() < 0.2 ? '\r\n' : '\n';
  const columns = random.next() < 0.1 ? 1 : 4;
  const rows = Array.from({ length: 30 }, (_, index) => {
    const fields = [String(index), `a${index}`, random.next() < 0.2 ? '"q,""z"""' : 'x', String(index * 2)].slice(
      -columns,
    );
    let line = fields.join(',');
    for (let times = random.next() > 0.15 ? 0 : 1 + random.below(3); times > 0; times -= 1) {
      const at = random.below(line.length + 1);
      line = line.slice(0, at) + random.pick(FRAGMENTS) + line.slice(at + random.below(2));
    }
    return line;
  });
  const end = random.next() < 0.5 ? lineEnd : '';
  return Buffer.from(['a', 'b', 'c', 'd'].slice(0, columns).join(',') + lineEnd + rows.join(lineEnd) + end, LATIN);
}
