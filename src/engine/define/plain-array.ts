/** An SQL array of identities, keys or numbers: they need no quotes, and the client would look for them in each. */
export const toPlainArray = (values: readonly string[]): string => `{${values.join(',')}}`;
