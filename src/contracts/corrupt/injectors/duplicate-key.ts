import { toRecord } from '../../scan/fields.ts';
import type { RowInjector } from '../injector.ts';

/** A value that must be unique, taken from an earlier row. */
export const duplicateKey: RowInjector = {
  kind: 'duplicate-key',
  level: 'row',
  suits: ({ columns }) => Object.values(columns).some(({ unique }) => unique),
  inject: (fields, { contract, positions, random, earlier }) => {
    const keys = [...positions].filter(([name]) => contract.columns[name]?.unique === true);
    if (earlier === undefined || keys.length === 0) return undefined;
    const [column, position] = random.pick(keys);
    const [before = '', after = ''] = [fields[position], earlier[position]];
    if (after === '' || after === before) return undefined;
    const broken = fields.with(position, after);
    return { bytes: Buffer.from(toRecord(broken, contract.delimiter)), column, before, after };
  },
};
