/** What may separate the cells of a CSV file, and what it is called. */
export const DELIMITERS = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' } as const;
export type Delimiter = keyof typeof DELIMITERS;

// The keys of the table are the delimiters.
export const KNOWN_DELIMITERS = Object.keys(DELIMITERS) as readonly Delimiter[];

/** The names of all delimiters in words: `comma, semicolon, tab or bar`. */
export const DELIMITERS_IN_WORDS = Object.values(DELIMITERS)
  .join(', ')
  .replace(/, (\w+)$/, ' or $1');

const NAMED_FOR_TABS = /\.(tsv|tab)(\.(gz|zst|bz2|zip))?$/i;
const LF = 10;
const QUOTE = 34;

/** The delimiter that the name of a file says; undefined for most names. */
export function delimiterOfName(name: string): Delimiter | undefined {
  return NAMED_FOR_TABS.test(name) ? '\t' : undefined;
}

/** The first line of a text in UTF-8, without its end; it may span lines within quotes. */
export function firstLineOf(bytes: Uint8Array): string {
  let isQuoted = false;
  let end = 0;
  for (; end < bytes.length && (isQuoted || bytes[end] !== LF); end++) if (bytes[end] === QUOTE) isQuoted = !isQuoted;
  return new TextDecoder().decode(bytes.subarray(0, end)).replace(/\r$/, '');
}

/** The delimiter that occurs most often in a line outside of quotes; a comma when there is none. */
export function mostFrequentDelimiter(line: string): Delimiter {
  const counts = new Map<string, number>();
  let isQuoted = false;
  for (const character of line) {
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  return KNOWN_DELIMITERS.reduce((most, other) => ((counts.get(other) ?? 0) > (counts.get(most) ?? 0) ? other : most));
}
