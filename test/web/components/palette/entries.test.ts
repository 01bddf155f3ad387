import { describe, expect, it } from 'vitest';
import { findEntries, type PaletteEntry, toMarked } from '../../../../src/web/components/palette/entries.ts';

const entries: PaletteEntry[] = [
  ['Page', 'Past predictions'],
  ['Page', 'Predict'],
  ['Action', 'Start predict now'],
  ['Model version', 'titanic@3, champion'],
].map(([kind = '', title = '']) => ({ id: title, kind, title, choose: () => undefined }));
const found = (text: string) => findEntries(entries, text).map(({ title }) => title);

describe('the palette', () => {
  it('finds what contains each word, whatever its case, and first what begins with it', () => {
    expect(found('predict')).toEqual(['Predict', 'Past predictions', 'Start predict now']);
    expect(found('NOW start')).toEqual(['Start predict now']);
    expect(found('model 3')).toEqual(['titanic@3, champion']);
    expect(found('nothing')).toEqual([]);
  });

  it('shows entries before anything is typed, and not all of many', () => {
    expect(found('')).toHaveLength(entries.length);
    expect(findEntries(Array(50).fill(entries[0]), '').length).toBeLessThan(50);
  });

  it('goes round at both ends', () => {
    expect(toMarked('ArrowDown', { at: 1, count: 2 })).toBe(0);
    expect(toMarked('ArrowUp', { at: 0, count: 2 })).toBe(1);
    expect(toMarked('x', { at: 1, count: 2 })).toBe(1);
    expect(toMarked('ArrowDown', { at: 0, count: 0 })).toBe(0);
  });
});
