import type { RowInjector } from '../injector.ts';

/** A quote that is closed in the middle of its field. */
export const brokenQuote: RowInjector = {
  kind: 'broken-quote',
  level: 'row',
  suits: ({ format }) => format?.quote !== null,
  inject: (fields, { form, random }) => {
    const { quote = '"' } = form;
    const at = random.below(fields.length);
    const written = fields.map((field, index) =>
      index === at
        ? `${quote}${field.replaceAll(quote, '').replaceAll('\\', '')}${quote}R${quote}`
        : form.toField(field),
    );
    const after = written.join(form.delimiter);
    return { bytes: Buffer.from(after), column: '', before: form.toRecord(fields), after };
  },
};
