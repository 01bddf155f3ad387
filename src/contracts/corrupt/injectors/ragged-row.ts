import type { RowInjector } from '../injector.ts';

/** A field too few or too many. */
export const raggedRow: RowInjector = {
  kind: 'ragged-row',
  level: 'row',
  suits: ({ columns }) => Object.keys(columns).length > 1,
  inject: (fields, { form, random }) => {
    const broken = random.next() < 0.5 ? fields.slice(0, -1) : [...fields, 'extra'];
    const [before, after] = [form.toRecord(fields), form.toRecord(broken)];
    return { bytes: Buffer.from(after), column: '', before, after };
  },
};
