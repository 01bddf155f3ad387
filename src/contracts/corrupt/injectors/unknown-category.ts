import type { CellInjector } from '../injector.ts';

/** A category that the contract does not name: another word, or a known one misspelled. */
export const unknownCategory: CellInjector = {
  kind: 'unknown-category',
  level: 'cell',
  suits: ({ kind, alwaysNull }) => kind === 'category' && alwaysNull !== true,
  inject: (before, { column, random }) => {
    const known = column.kind === 'category' ? column.categories : [];
    const candidates = ['unknown', 'other', '?', `${before}x`, before.toUpperCase(), `${before} `].filter(
      (text) => text !== '' && !known.includes(text),
    );
    return candidates.length > 0 ? random.pick(candidates) : `${known.join('')}x`;
  },
};
