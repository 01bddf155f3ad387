import type { RowInjector } from '../injector.ts';

/** A byte of Latin-1 in a file of UTF-8. */
export const wrongEncoding: RowInjector = {
  kind: 'wrong-encoding',
  level: 'row',
  suits: () => true,
  inject: (fields, { form }) => {
    const before = form.toRecord(fields);
    return {
      bytes: Buffer.concat([Buffer.from(before), Buffer.of(0xe9)]),
      column: '',
      before,
      after: `${before}\\xe9`,
    };
  },
};
