import { toRecord } from '../../scan/fields.ts';
import type { RowInjector } from '../injector.ts';

/** A field too few or too many. */
export const raggedRow: RowInjector = {
  kind: 'ragged-row',
  level: 'row',
  suits: ({ columns }) => Object.keys(columns).length > 1,
  inject: (fields, { contract, random }) => {
    const broken = random.next() < 0.5 ? fields.slice(0, -1) : [...fields, 'extra'];
    const [before, after] = [toRecord(fields, contract.delimiter), toRecord(broken, contract.delimiter)];
    return { bytes: Buffer.from(after), column: '', before, after };
  },
};
