import { describe, expect, it } from 'vitest';
import { LastWords } from '#store';

const ADDRESS = 'postgres://weir:sw0rdfish:ha#rd@db.example/weir';
/** Any end of the password would do to guess the rest. */
const LEAK = /rd@|sw0rd|fish|ha#/;
const MAX = 100;

function said(pieces: readonly string[]): string {
  const words = new LastWords(MAX);
  for (const piece of pieces) words.add(piece);
  return words.read();
}

describe('the last words of a process', () => {
  it('are what it printed, while that is short', () => {
    expect(said(['first\n', 'last\n'])).toBe('first\nlast');
    expect(said([])).toBe('');
  });

  it('are the end of what is long', () => {
    expect(said(['-'.repeat(50_000), ' the end'])).toMatch(/^-+ the end$/);
    expect(said(['-\n'.repeat(50_000), 'the end'])).toMatch(/^(-\n)+the end$/);
    expect(said(['x'.repeat(50_000)])).toHaveLength(MAX);
  });

  it.each(['\n', ' '])(
    'hold no part of a password, wherever they are cut, before lines that end with %j',
    (separator) => {
      const line = `${'y'.repeat(9)}${separator}`;
      for (let after = 0; after < 2_300; after++) {
        const text = `${line.repeat(30)}could not reach ${ADDRESS} ${line.repeat(250)}`.slice(0, 346 + after);
        expect(said([text.slice(0, 320), text.slice(320)]), String(after)).not.toMatch(LEAK);
      }
    },
  );

  it('hold no part of a password that came in two pieces', () => {
    for (let at = 1; at < ADDRESS.length; at++)
      expect(said([`${'z'.repeat(5_000)} `, ADDRESS.slice(0, at), `${ADDRESS.slice(at)} is away`])).not.toMatch(LEAK);
  });

  it('hold no part of a password that was cut, when a longer address behind it is shown short', () => {
    for (let length = 1_900; length < 2_200; length++) {
      const text = `${'z'.repeat(5_000)} ${ADDRESS} postgres://weir:${'p'.repeat(length)}@db.example/weir`;
      expect(said([text]), String(length)).not.toMatch(LEAK);
    }
  });

  it('show the address itself without its password', () => {
    expect(said([`no answer from ${ADDRESS}\n`])).toBe('no answer from postgres://***@db.example/weir');
  });
});
