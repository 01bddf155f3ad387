/** What PostgreSQL's text cannot hold (U+0000), or its JSON (that, and half a surrogate pair). */
export const UNSTORABLE: RegExp = /[\0\p{Surrogate}]/u;

/** The text with U+FFFD in place of what cannot be stored. Where text is identity, it is refused instead. */
export function toStorableText(text: string): string {
  return UNSTORABLE.test(text) ? text.replaceAll(/[\0\p{Surrogate}]/gu, '\uFFFD') : text;
}
