import { describe, expect, it } from 'vitest';
import { toPageNumbers, toPlaceText } from '../../../src/web/table/page-numbers.ts';

const known = (...pages: number[]) => new Map(pages.map((page) => [page, page === 1 ? undefined : `cursor ${page}`]));

describe('the pages of a list', () => {
  it('are those of which it is known where they start', () => {
    expect(toPageNumbers(1, known(1, 2))).toEqual([1, 2]);
    expect(toPageNumbers(2, known(1, 2, 3))).toEqual([1, 2, 3]);
  });

  it('are the first and the present one behind a link that somebody sent', () => {
    expect(toPageNumbers(7, known(7, 8))).toEqual([1, 7, 8]);
  });

  it('are a few around the present one, however long the list is', () => {
    const pages = Array.from({ length: 40 }, (_, index) => index + 1);
    expect(toPageNumbers(20, known(...pages))).toEqual([1, 17, 18, 19, 20, 21, 22, 23]);
  });

  it('say which rows they have', () => {
    expect(toPlaceText(1, { size: 50, count: 50 })).toBe('1 to 50');
    expect(toPlaceText(30, { size: 50, count: 7 })).toBe('1,451 to 1,457');
    expect(toPlaceText(2, { size: 50, count: 0 })).toBe('');
  });
});
