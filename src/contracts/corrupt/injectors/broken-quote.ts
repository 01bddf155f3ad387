import { toRecord } from '../../scan/fields.ts';
import type { RowInjector } from '../injector.ts';

/** A quote that is closed in the middle of its field. */
export const brokenQuote: RowInjector = {
  kind: 'broken-quote',
  level: 'row',
  suits: () => true,
  inject: (fields, { contract, random }) => {
    const at = random.below(fields.length);
    const written = fields.map((field, index) =>
      index === at ? `"${field.replaceAll('"', '')}"R"` : toRecord([field, ''], contract.delimiter).slice(0, -1),
    );
    const after = written.join(contract.delimiter);
    return { bytes: Buffer.from(after), column: '', before: toRecord(fields, contract.delimiter), after };
  },
};
