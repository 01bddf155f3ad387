import type { CellInjector } from '../injector.ts';

/** A text instead of a number, a boolean or a date. */
export const wrongType: CellInjector = {
  kind: 'wrong-type',
  level: 'cell',
  suits: ({ kind, alwaysNull }) => kind !== 'text' && kind !== 'category' && alwaysNull !== true,
  inject: (before, { column: { kind }, random, form }) => {
    const texts = ['abc', 'n/a', 'NaN', '1_000', '1,5', 'twelve', `${before}?`];
    return random.pick(texts.filter((text) => form.seen(text) !== '' && !form.isValue(kind, text)));
  },
};
