/** How much is read first of a record whose length is not known. */
const RECORD_BYTES_FIRST = 512;
const LF = 10;
const QUOTE = 34;

/**
 * The text of a record of canonical CSV, without its line end; `read` gives its first bytes, so many or as many as there
 * are.
 */
export function recordAt(read: (length: number) => Buffer): string {
  for (let length = RECORD_BYTES_FIRST; ; length *= 2) {
    const bytes = read(length);
    let isQuoted = false;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) isQuoted = !isQuoted;
      else if (byte === LF && !isQuoted) return bytes.toString('utf8', 0, at);
    }
    if (bytes.length < length) throw new Error('Expected a record that ends; got the end of its file.');
  }
}
