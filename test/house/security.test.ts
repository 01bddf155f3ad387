import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const repository = path.join(import.meta.dirname, '../..');
const PAGE = readFileSync(path.join(repository, 'docs/security.md'), 'utf8');

/** Rows of the table of OWASP ASVS. */
const rows = [...PAGE.matchAll(/^\| (V\d[^|]*) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]*)\|$/gm)].map(
  ([, section = '', , state = '', how = '', shownBy = '']) => ({
    ...{ section, state, how },
    tests: [...shownBy.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
  }),
);

describe('the table of OWASP ASVS', () => {
  it('has a state for each row', () => {
    expect(rows.length).toBeGreaterThan(30);
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['met', 'partly', 'not met', 'not applicable']));
  });

  it.each(rows)('$section: what is met is shown by tests, and they are there', ({ state, how, tests }) => {
    if (state === 'met') expect(tests).not.toEqual([]);
    expect(how.trim()).not.toBe('');
    for (const file of tests) {
      expect(existsSync(path.join(repository, file)), file).toBe(true);
      expect(readFileSync(path.join(repository, file), 'utf8'), file).toMatch(/\bit(?:\.each)?\(/);
    }
  });
});
