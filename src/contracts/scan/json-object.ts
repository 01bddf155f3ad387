import type { Fault } from './record-scanner.ts';

const QUOTE = 34;
const COMMA = 44;
const OPENING = [91, 123];
const CLOSING = [93, 125];
const SPACES = [9, 10, 13, 32];

/**
 * The fields of a JSON object, in their order: texts decoded, null as nothing, and everything else as written.
 * `JSON.parse` would round 12345678901234567891 and make 1 of 1.0; of objects and lists only blanks are left out.
 */
export function fieldsOfObject(text: string): ReadonlyMap<string, string> | Fault {
  const plain = maybePlainFields(text);
  if (plain !== undefined) return plain;
  if (!isObject(text)) return 'not-a-json-object';
  const fields = new Map<string, string>();
  for (let at = afterSpaces(text, text.indexOf('{') + 1); text[at] === '"'; at = afterSpaces(text, at + 1)) {
    const nameEnd = endOfString(text, at);
    const name = meaningOf(text.slice(at, nameEnd));
    const value = valueAt(text, text.indexOf(':', nameEnd) + 1);
    // It is ambiguous which of the two is meant.
    if (fields.has(name)) return 'repeated-field';
    fields.set(name, meaningOf(value.text));
    at = value.end;
  }
  // Both can only come from an escape.
  if (!text.includes('\\u')) return fields;
  const texts = [...fields].flat();
  if (texts.some((each) => each.includes('\0'))) return 'nul-byte';
  return texts.some((each) => /\p{Surrogate}/u.test(each)) ? 'invalid-utf-8' : fields;
}

const UNPLAIN = /[\\\p{Cc}]/u;
const LITERAL = /^(?:null|true|false|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)$/;
const [OPEN, CLOSE, COLON, BLANK] = [123, 125, 58, 32];

/**
 * The fields of an object as most lines have it: without escapes, lists and objects in it; undefined where it is another, or
 * none. Read once, and not by `JSON.parse` before.
 */
function maybePlainFields(text: string): ReadonlyMap<string, string> | undefined {
  if (UNPLAIN.test(text)) return undefined;
  const fields = new Map<string, string>();
  let at = afterBlanks(text, 0);
  if (text.charCodeAt(at) !== OPEN) return undefined;
  do {
    const nameAt = afterBlanks(text, at + 1);
    const nameEnd = text.indexOf('"', nameAt + 1);
    if (text.charCodeAt(nameAt) !== QUOTE || nameEnd < 0) return undefined;
    const name = text.slice(nameAt + 1, nameEnd);
    const colon = afterBlanks(text, nameEnd + 1);
    if (text.charCodeAt(colon) !== COLON || fields.has(name)) return undefined;
    const start = afterBlanks(text, colon + 1);
    const end = endOfPlain(text, start);
    const written = text.slice(start, end);
    if (end < 0 || (text.charCodeAt(start) !== QUOTE && !LITERAL.test(written))) return undefined;
    fields.set(name, meaningOf(written));
    at = afterBlanks(text, end);
  } while (text.charCodeAt(at) === COMMA);
  return text.charCodeAt(at) === CLOSE && afterBlanks(text, at + 1) === text.length ? fields : undefined;
}

/** Where a string without escapes, or what is no string, ends; -1 where it does not. */
function endOfPlain(text: string, start: number): number {
  if (text.charCodeAt(start) === QUOTE) return text.indexOf('"', start + 1) + 1 || -1;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === CLOSE || code === BLANK) return at;
  }
  return -1;
}

function afterBlanks(text: string, at: number): number {
  let next = at;
  while (text.charCodeAt(next) === BLANK) next++;
  return next;
}

/** Whether the text is one JSON object: the grammar is the platform's own. */
function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** What is written, without blanks, up to the comma or bracket that ends the value. */
function valueAt(text: string, start: number): { readonly text: string; readonly end: number } {
  let written = '';
  let from = start;
  let depth = 0;
  for (let at = start; ; ) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      continue;
    }
    const isClosing = CLOSING.includes(code);
    if (depth === 0 && (isClosing || code === COMMA)) return { text: written + text.slice(from, at), end: at };
    if (OPENING.includes(code)) depth++;
    else if (isClosing) depth--;
    else if (SPACES.includes(code)) {
      written += text.slice(from, at);
      from = at + 1;
    }
    at++;
  }
}

/**
 * The position after the quote that closes the one at `at`: the next one not preceded by an odd number of backslashes.
 */
function endOfString(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); ; quote = text.indexOf('"', quote + 1)) {
    let first = quote;
    while (text[first - 1] === '\\') first--;
    if ((quote - first) % 2 === 0) return quote + 1;
  }
}

function meaningOf(written: string): string {
  if (written === 'null') return '';
  if (written[0] !== '"') return written;
  // A JSON string gives a text.
  return written.includes('\\') ? (JSON.parse(written) as string) : written.slice(1, -1);
}

function afterSpaces(text: string, at: number): number {
  let next = at;
  while (SPACES.includes(text.charCodeAt(next))) next++;
  return next;
}
