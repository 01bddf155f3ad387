import { describe, expect, it } from 'vitest';
import { tableText } from '../../../../../src/app/cli/commands/result/table-text.ts';

describe('a list of records on the terminal', () => {
  it('is a table with all its columns', () => {
    expect(
      tableText([
        { id: 1, name: 'Ada' },
        { id: 22, born: { year: 1815 } },
      ]),
    ).toBe('2 rows\n  id  name  born\n  1   Ada\n  22        {"year":1815}\n');
  });

  it('shows the first rows and columns of many, and says how many there are', () => {
    const wide = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`c${at}`, 'x'.repeat(60)]));
    const text = tableText(Array.from({ length: 1_234 }, () => wide)) ?? '';
    expect(text).toMatch(/^1,234 rows \(the first 10, 12 of 20 columns; --json prints all\)\n/);
    expect(text.split('\n')).toHaveLength(13);
    expect(text).toContain(`${'x'.repeat(39)}…`);
  });

  it.each([[[]], [[1, 2]], [[{ a: 1 }, null]], [{ a: 1 }], ['text'], [null]])('is none of %j', (value) => {
    expect(tableText(value)).toBeUndefined();
  });
});
