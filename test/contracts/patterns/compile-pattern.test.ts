import { describe, expect, it } from 'vitest';
import { matchesPattern, notMatchesPattern, text } from '#contracts';
import { byteDfa } from '../../../src/contracts/patterns/byte-dfa.ts';
import { compilePattern, isFollowed } from '../../../src/contracts/patterns/compile-pattern.ts';
import { Stepper } from '../../../src/contracts/patterns/stepper.ts';
import { walk } from './walk.ts';

const LONG = 100_000;
const longText = 'a'.repeat(LONG);
/** Patterns for which an engine that tries one way after another takes exponential time, or squared. */
const CATASTROPHIC = [
  '(a+)+$',
  '(a+)+b',
  '(a|a)*b',
  '(a|aa)+b',
  '([a-z]+)*=',
  '(.*a){20}b',
  '(a*)*(a*)*b',
  'a*a*a*a*b',
  '(?:a|b)*a(?:a|b){14}c',
  '\\b(a+)+\\b=',
  '(?i)(A+|a+)*\\d',
];

describe('a pattern', () => {
  it.each(CATASTROPHIC)('takes a bounded number of steps for each character of a text: %s', (pattern) => {
    const { program, matches } = compilePattern(pattern);
    const stepper = new Stepper(program);
    expect(isFollowed(longText, program, stepper)).toBe(pattern === '(a+)+$');
    // Each place is reached, and passed by assertions, once for each character.
    expect(stepper.steps).toBeLessThanOrEqual(2 * program.instructions.length * (LONG + 2));
    expect(matches(longText)).toBe(pattern === '(a+)+$');
  });

  it('is an automaton, one look-up for each character, unless that would be too large', () => {
    const sizes = ['(a+)+$', '[A-Z]{2}[0-9]{6}', '.{0,1000}', '(?:a|b)*a(?:a|b){14}c'].map((pattern) => {
      return compilePattern(pattern).automaton?.accepting.length;
    });
    expect(sizes).toEqual([4, 10, 1002, undefined]);
  });

  it('is found in a part of a text too', () => {
    const found = compilePattern('(?i)test', 'part');
    expect([found.matches('a TEST b'), found.matches('tes t'), found.matches('test')]).toEqual([true, false, true]);
    expect(compilePattern('^a$', 'part').matches('ba')).toBe(false);
  });

  it('reads half of a pair as UTF-8 does, as a replacement character', () => {
    expect(compilePattern('\\x{FFFD}b').matches('\ud800b')).toBe(true);
    expect(compilePattern('\ud800').matches('\ufffd')).toBe(true);
    expect(compilePattern('..').matches('😀')).toBe(false);
  });

  it.each([
    ['a(?=b)', '"(?=" at character 2: look-around cannot be matched in linear time; use row() for such a rule.'],
    [
      '(a)\\1',
      '"\\\\1" at character 4: a match of another group cannot be found in linear time; use row() for such a rule.',
    ],
    ['\\u0041', '"\\\\u" at character 1: Write a code point as \\x{20AC}.'],
    ['[z-a]', '"z-a" at character 2: the range ends before it begins. Swap its ends, or write \\-.'],
    ['(?<year>a)', '"(?<" at character 1: write a named group as (?P<name>…), or (?:…) without a name.'],
    ['a++', '"++" at character 2: a repetition is repeated. Put what it repeats in a group, (?:a*)*, or \\ before it.'],
    [
      '(a{100}){11}',
      '"{11}" at character 9: a part can be repeated 1000 times, with what is nested. Use lengthMax for longer texts.',
    ],
    ['a)', '")" at character 2: no group is open here. Write \\) for the character.'],
    ['[a', '"[a" at character 1: the class has no end. Write ] after it, or \\[ for the bracket.'],
    [
      '\\p{Klingon}',
      '"\\\\p{Klingon}" at character 1: no category or script of Unicode is known by this name. Write a category such as \\p{Lu} or a script such as \\p{Greek}.',
    ],
    ['\\C', '"\\\\C" at character 1: a byte of a character cannot be matched. Write (?s:.).'],
    [`${'('.repeat(300)}a`, '"(" at character 251: groups can be nested 250 deep. Write fewer.'],
    [
      '(?:abc){1000}'.repeat(10),
      'it is too large: its repetitions come to more than 20000 steps. Repeat less, or use lengthMin and lengthMax.',
    ],
    [
      '.{0,999}a.{0,999}',
      'it is too large: a text could take more than 2000 steps for each of its characters. Repeat less, or use lengthMin and lengthMax.',
    ],
    ['a'.repeat(20_001), 'it has 20001 characters; 20000 are read at most. Use inSet() for a list of texts.'],
  ])('is refused with its place and what to write instead: %.20s', (pattern, message) => {
    expect(() => compilePattern(pattern)).toThrow(message);
  });

  it('is refused when a contract is defined', () => {
    const refused =
      /^text\(\{ pattern \}\) expects a regular expression of RE2; got "\(\?=a\)": "\(\?=" at character 1/;
    expect(() => text({ pattern: '(?=a)' })).toThrow(refused);
    expect(() => matchesPattern('code', { pattern: '[' })).toThrow(
      /^matchesPattern\('code'\) expects a regular expression/,
    );
    expect(() => notMatchesPattern('code', { pattern: 'a**' })).toThrow(/^notMatchesPattern\('code'\) expects/);
  });
});

describe('an automaton over bytes', () => {
  it.each([
    ['(?:a|b)*abb', 5],
    ['abc|abd|xbc|xbd', 5],
    ['(?:a|aa|aaa)*', 2],
    ['a{0,9}', 11],
    ['(?:ab?){3}|ababab', 8],
  ])('has as few states as can be, the dead one included: %s', (pattern, states) => {
    expect(byteDfa(pattern)?.accepting.length).toBe(states);
  });

  it('is plain data of a bounded size, and dead from state 0 on', () => {
    const dfa = byteDfa('[A-Z]{2}[0-9]+');
    expect(dfa).toMatchObject({ width: 3, accepting: Uint8Array.of(0, 0, 0, 0, 1) });
    expect(dfa?.transitions.subarray(0, 3)).toEqual(Uint16Array.of(0, 0, 0));
    expect(byteDfa('\\pL{1,50}')).toBeUndefined();
  });

  it.each([
    ['cut within a character', [0xc3]],
    ['that continue nothing', [0x80]],
    ['longer than they need to be', [0xc0, 0x80]],
    ['longer than they need to be, by three', [0xe0, 0x80, 0x80]],
    ['half of a pair', [0xed, 0xa0, 0x80]],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
  ])('refuses bytes %s', (_, bytes) => {
    const dfa = byteDfa('(?s:.*)');
    expect(dfa && walk(dfa, Uint8Array.from(bytes))).toBe(false);
    expect(dfa && walk(dfa, Buffer.from('aß語😀'))).toBe(true);
  });
});
