import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { numbersOfCases } from './cases.ts';

const FOLDER = fileURLToPath(new URL('../engine/cases', import.meta.url));
const CASES = Array.from({ length: 46 }, (_, index) => index + 1);

describe('the cases that the engine must survive', () => {
  it('are all there, each as a named test', () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.test.ts'));
    const found = new Set(files.flatMap((name) => numbersOfCases(readFileSync(path.join(FOLDER, name), 'utf8'))));
    expect(CASES.filter((number) => !found.has(number))).toEqual([]);
    expect([...found].filter((number) => !CASES.includes(number))).toEqual([]);
  });

  it('are read from the titles of tests, plain, with parameters or by condition, and from nothing else', () => {
    const text = `
      it('3. plain', () => {});
      it.each([['12. no title']])('4. with %s', () => {});
      it.skipIf(isWindows)("5. by condition", () => {});
      it(\`6. as \${template}\`, () => {});
      // it('7. in a comment', () => {});
      describe('8. of a group', () => {});
      it('no number', () => {});
      it.skip('9. left out', () => {});
      it.todo('10. planned');
    `;
    expect(numbersOfCases(text)).toEqual([3, 4, 5, 6]);
  });
});
