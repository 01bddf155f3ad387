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
