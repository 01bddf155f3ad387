import type { CellInjector } from '../injector.ts';

/** A category that the contract does not name: another word, or a known one misspelled. */
export const unknownCategory: CellInjector = {
  kind: 'unknown-category',
  level: 'cell',
  suits: ({ kind, alwaysNull }) => kind === 'category' && alwaysNull !== true,
  inject: (before, { column, random, form }) => {
    const known = column.kind === 'category' ? column.categories : [];
    const candidates = ['unknown', 'other', '?', `${before}x`, before.toUpperCase(), `${before} `].filter(
      (text) => form.seen(text) !== '' && !known.includes(form.seen(text)),
    );
    return candidates.length > 0 ? random.pick(candidates) : `${known.join('')}x`;
  },
};
