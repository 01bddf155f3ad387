/*
 * SQL of Spark, as the text of literals and names. A literal has escapes there: a backslash, and a quote, have one before
 * them.
 */

/** A text as a literal. */
export function sparkLiteral(text: string): string {
  // No cell in a comparison can hold NUL.
  return `'${text.replaceAll('\0', '').replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** A name as an identifier. */
export function sparkIdentifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A number as a literal that keeps every bit. */
export function sparkNumeral(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : `${value.toExponential()}D`;
}

/** Whether a text matches a pattern of the kinds as a whole, whose syntax RE2, JavaScript, Java and Rust share. */
export function matchesForm(text: string, form: string): string {
  return `${text} rlike ${sparkLiteral(String.raw`\A(?:${form})\z`)}`;
}
