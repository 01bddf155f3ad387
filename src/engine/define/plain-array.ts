/**
 * An SQL array of identities, keys or numbers: they need no quotes, so the client's scan for characters to escape is
 * saved.
 */
export const toPlainArray = (values: readonly string[]): string => `{${values.join(',')}}`;
