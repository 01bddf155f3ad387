import { describe, expect, it } from 'vitest';
import { maybeForm } from '../../src/contracts/kinds/kinds.ts';
import { findBacktracking, findBuiltExpressions, growthOf } from './architecture/backtracking.ts';
import { toSourceFile } from './architecture/source-file.ts';

describe('the growth of a match', () => {
  it.each([
    ['(a+)+b', 'exponential'],
    ['^(a|a)*b', 'exponential'],
    ['(a|aa)+$', 'exponential'],
    ['([a-z]+)*=', 'exponential'],
    ['^(<!--.*?-->\\s*)*<svg', 'exponential'],
    ['^a*a*b', 'squared'],
    ['^[0-9]+\\.?[0-9]*x', 'squared'],
    ['\\s+$', 'squared'],
    ['a+b', 'squared'],
    ['(aa*c)+', 'squared'],
    ['^a+b', 'linear'],
    ['^[0-9]+(\\.[0-9]*)?x', 'linear'],
    ['\\s+', 'linear'],
    ['^(ab|c)+d', 'linear'],
    ["'(?:[^']|'')*'?", 'linear'],
    ['--[^\\n]*', 'linear'],
    ['(["`]?)\\{x\\}\\1', 'linear'],
  ])('of %s is %s', (source, growth) => {
    expect(growthOf(source)).toBe(growth);
  });

  it('is seen from each character, unless the expression may begin at one alone', () => {
    expect([growthOf('a+b'), growthOf('a+b', 'y')]).toEqual(['squared', 'linear']);
  });

  it('does not depend on what is written out', () => {
    expect(growthOf('^(?:[a-z]{1,63}\\.){1,8}[a-z]{2,63}$')).toBe('linear');
  });

  it.each(['number', 'integer', 'timestamp', 'date'] as const)('is linear for texts of the kind %s', (kind) => {
    expect(growthOf(maybeForm(kind)?.source ?? '(a+)+b')).toBe('linear');
  });
});

describe('regular expressions that are found', () => {
  const files = [
    toSourceFile('src/store/a.ts', 'export const trailing = (text: string) => text.replace(/ +$/, "");\n'),
    toSourceFile('src/store/b.ts', 'export const built = (text: string) => new RegExp(text);\n'),
  ];

  it('are those that take more than linear time, unless a list says why', () => {
    expect(findBacktracking(files, {})).toEqual([
      'src/store/a.ts / +$/ takes squared time: give each text one way through it',
    ]);
    expect(findBacktracking(files, { 'src/store/a.ts / +$/': 'is short', 'src/store/b.ts /a/': 'is gone' })).toEqual([
      'src/store/b.ts /a/ is allowed more than linear time, and does not take it',
    ]);
  });

  it('are those that are built, unless a list says of what', () => {
    expect(findBuiltExpressions(files, {})).toEqual([
      'src/store/b.ts builds a regular expression; match a pattern of others by compilePattern()',
    ]);
    expect(findBuiltExpressions(files, { 'src/store/a.ts': 'x', 'src/store/b.ts': 'y' })).toEqual([
      'src/store/a.ts may build regular expressions, and builds none',
    ]);
  });
});
