/** Everything that stands for one character: a class, an escape, or a point. */
const ONE_CHARACTER = /\[(?:\\[\s\S]|[^\]\\])*\]|\\[pP]\{[^}]*\}|\\[\s\S]|\./y;
const GROUP = /\((?:\?(?:<[^>]*>|:))?/y;
const REPEATS = /(?:[*?]|\+|\{(\d+)(?:,\d*)?\})\??/y;
/** Tried in this order for what stands for one character. */
const CHARACTERS = ['a', 'A', '1', ...Array.from({ length: 94 }, (_, index) => String.fromCodePoint(33 + index)), ' '];

/** A short text that a regular expression matches as a whole; undefined where none was found. */
export function maybeTextOf(pattern: string): string | undefined {
  try {
    const text = alternatives({ pattern, position: 0 });
    return isMatch(pattern, text) ? text : undefined;
  } catch {
    // The pattern has a syntax that JavaScript does not know.
    return undefined;
  }
}

interface Reader {
  readonly pattern: string;
  position: number;
}

/** Of alternatives, the first one. */
function alternatives(reader: Reader): string {
  const first = sequence(reader);
  while (maybeToken(reader, /\|/y) !== undefined) sequence(reader);
  return first;
}

function sequence(reader: Reader): string {
  let text = '';
  while (reader.position < reader.pattern.length && !'|)'.includes(reader.pattern.charAt(reader.position))) {
    const part = atom(reader);
    text += part.repeat(timesLeast(reader));
  }
  return text;
}

function atom(reader: Reader): string {
  if (maybeToken(reader, GROUP) !== undefined) {
    const text = alternatives(reader);
    maybeToken(reader, /\)/y);
    return text;
  }
  if (maybeToken(reader, /[$^]/y) !== undefined) return '';
  const [one] = maybeToken(reader, ONE_CHARACTER) ?? [];
  if (one !== undefined) return CHARACTERS.find((character) => isMatch(one, character)) ?? '';
  const [literal = ''] = maybeToken(reader, /[\s\S]/uy) ?? [];
  return literal;
}

/** How often the part before is repeated at least. */
function timesLeast(reader: Reader): number {
  const [quantifier, count] = maybeToken(reader, REPEATS) ?? [];
  if (quantifier === undefined || quantifier.startsWith('+')) return 1;
  return Number(count ?? 0);
}

function maybeToken(reader: Reader, expression: RegExp): RegExpExecArray | undefined {
  expression.lastIndex = reader.position;
  const found = expression.exec(reader.pattern);
  if (found === null) return undefined;
  reader.position = expression.lastIndex;
  return found;
}

const isMatch = (pattern: string, text: string): boolean => new RegExp(`^(?:${pattern})$`, 'u').test(text);
