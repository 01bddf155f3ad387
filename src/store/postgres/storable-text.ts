/** What PostgreSQL's text cannot hold (U+0000), or its JSON (that, and half a surrogate pair). */
const UNSTORABLE = /[\0\p{Surrogate}]/u;
const EVERY_UNSTORABLE = new RegExp(UNSTORABLE, 'gu');
// As JSON.stringify escapes both. A backslash that is itself escaped begins no escape.
const UNSTORABLE_ESCAPE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i;

/**
 * Whether PostgreSQL can store the text, in columns of text and of JSON. Names and keys with other text are refused.
 */
export function isStorableText(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/** The same of all texts in what JSON.stringify made, in one pass and without parsing it. */
export function isStorableJson(json: string): boolean {
  return !UNSTORABLE_ESCAPE.test(json);
}

/** The text with U+FFFD for each character that PostgreSQL cannot store. For texts that are only displayed. */
export function toStorableText(text: string): string {
  return isStorableText(text) ? text : text.replaceAll(EVERY_UNSTORABLE, '\uFFFD');
}
