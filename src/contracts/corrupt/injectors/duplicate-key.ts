import type { RowInjector } from '../injector.ts';

/** A value that must be unique, taken from an earlier row. */
export const duplicateKey: RowInjector = {
  kind: 'duplicate-key',
  level: 'row',
  suits: ({ columns }) => Object.values(columns).some(({ unique }) => unique),
  inject: (fields, { contract, positions, random, earlier, form }) => {
    const keys = [...positions].filter(([name]) => contract.columns[name]?.unique === true);
    if (earlier === undefined || keys.length === 0) return undefined;
    const [column, position] = random.pick(keys);
    const [before = '', after = ''] = [fields[position], earlier[position]];
    if (form.seen(after) === '' || after === before) return undefined;
    const broken = fields.with(position, after);
    return { bytes: Buffer.from(form.toRecord(broken)), column, before, after };
  },
};
