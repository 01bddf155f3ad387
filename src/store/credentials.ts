// The characters that end a URL in a text: those that must be percent-encoded in one anyway. It may start within a
// word.
const ADDRESS =
  /([a-z][a-z0-9+.-]{0,30}):\/\/((?:(?<!https?:\/\/|wss?:\/\/)[^\s"<>\\`/?#:@]*:(?!\d*(?:[/?#]|[^\w%@\s"<>\\`]*(?:[\s"<>\\`]|$)))[^\n"<>\\`@]{0,200}@)?[^\s"<>\\`]*)/gi;
/** A URL inside another one, or in a form. */
const ENCODED = /([a-z][a-z0-9+.-]{0,30})%3A%2F%2F([^\s"<>\\`&]*)/gi;
const NAMED_SECRET =
  /((?:pass(?:word|wd|phrase)|pwd|secret|token|(?:api|access)[-_]?key|sig|signature))=(?:'[^'\n]*'|[^\s"'<>\\`&]+)/gi;
/** Schemes whose paths may contain an @, as those of packages and handles do. */
const WEB = /^(?:https?|wss?)$/i;
const FILE = /^(?:file|webpack)$/i;
/** Longest URL that is expected in a text. A text that is cut within a URL no longer shows which part is a password. */
export const ADDRESS_LENGTH_MAX = 2_000;
/** A user, and after the colon no port, which a sentence may end after. */
const PASSWORD_BEGINS = /^[^/?#:@]*:(?!\d*(?:[/?#]|[^\w%@]*$))/;

/**
 * A text without the secrets of the URLs in it: `scheme://***@host`, `password=***`. What is left out goes on to
 * the last @, and beyond blanks: a password with a character that had to be percent-encoded divides an address elsewhere
 * than its author thought. That hides a host now and then, and never shows the rest of a password.
 */
export function withoutCredentials(text: string): string {
  return text
    .replace(NAMED_SECRET, '$1=***')
    .replace(ENCODED, (address: string, scheme: string, rest: string) => {
      const end = rest.lastIndexOf('%40');
      return end < 0 ? address : `${scheme}%3A%2F%2F***${rest.slice(end)}`;
    })
    .replace(ADDRESS, (address: string, scheme: string, rest: string) => {
      if (FILE.test(scheme)) return address;
      const isWeb = WEB.test(scheme);
      const end = rest.lastIndexOf('@');
      // A URL that was cut before its end.
      if (end < 0) return !isWeb && PASSWORD_BEGINS.test(rest) ? `${scheme}://***` : address;
      const isSecret = !isWeb || /^[^/?#]*@/.test(rest) || PASSWORD_BEGINS.test(rest);
      return isSecret ? `${scheme}://***@${rest.slice(end + 1)}` : address;
    });
}
