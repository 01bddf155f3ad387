/*
 * The part of YAML 1.2 that settings and data contracts mostly are: blocks of mappings with plain keys and of sequences,
 * comments, and scalars on one line. What is anything else, also by a single character, is left to a whole reader.
 */

/** A text that is not of this part, which says nothing about whether it is YAML. */
class OtherYaml extends Error {}

interface Line {
  readonly indent: number;
  readonly text: string;
}

type Mapping = Record<string, unknown>;

const OTHER_CHARACTERS = /[^\n\x20-\x7e\xa0-\u1fff\u2030-\ud7ff]|^(?:---|\.\.\.|%)/m;
const ENTRY = /^([A-Za-z_][\w.-]{0,99}):(?: +|$)/;
/** Keys that mean something else than their text. */
const MEANT = /^(?:null|true|false|__proto__)$/i;
const ITEM = /^-(?: +|$)/;
const COMMENT = /^#|(?<= )#/;
const QUOTED = /^(?:"((?:[^"\\]|\\["\\nt])*)"|'((?:[^']|'')*)') *(?: #.*)?$/;
const ESCAPED = /\\(.)/g;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t' };
/** How a scalar begins that is not plain, or has a meaning of its own. */
const OTHER_START = /^[-?:] |^[-?:]$|^[,[\]{}#&*!|>'"%@`]/;
const WORDS: ReadonlyMap<string, null | boolean> = new Map([
  ...['null', 'Null', 'NULL', '~'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);
const NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/;
const LIKE_NUMBER = /^(?:[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:e[-+]?\d+)?|0[ox].*|[-+]?\.(?:inf|nan))$/i;

/** What a text of this part of YAML says, exactly as a whole reader would; undefined for any other text. */
export function maybePlainYaml(text: string): Mapping | undefined {
  if (OTHER_CHARACTERS.test(text)) return undefined;
  const lines = new Lines(text);
  try {
    const [first] = lines.rest;
    if (first?.indent !== 0 || !ENTRY.test(first.text)) return undefined;
    const read = readMapping(lines, 0);
    return lines.next === undefined ? read : undefined;
  } catch (error) {
    if (error instanceof OtherYaml) return undefined;
    throw error;
  }
}

/** Lines that say something, one after the other. */
class Lines {
  readonly rest: Line[];
  #at = 0;

  constructor(text: string) {
    this.rest = text.split('\n').flatMap((line) => {
      const said = line.replace(/^ +/, '');
      return said === '' || said.startsWith('#') ? [] : { indent: line.length - said.length, text: said };
    });
  }

  get next(): Line | undefined {
    return this.rest[this.#at];
  }

  /** Goes on behind a line, or behind what stands before the rest of it. */
  pass(rest?: Line): void {
    if (rest === undefined) this.#at++;
    else this.rest[this.#at] = rest;
  }
}

function readMapping(lines: Lines, indent: number): Mapping {
  const mapping: Mapping = {};
  for (let { next } = lines; next !== undefined && next.indent >= indent; next = lines.next) {
    const [start, key = ''] = ENTRY.exec(next.text) ?? [];
    if (start === undefined || next.indent !== indent || MEANT.test(key) || Object.hasOwn(mapping, key))
      throw new OtherYaml();
    mapping[key] = readValue(lines, { indent, isEntry: true, start });
  }
  return mapping;
}

function readSequence(lines: Lines, indent: number): readonly unknown[] {
  const items: unknown[] = [];
  for (let { next } = lines; next !== undefined && next.indent >= indent; next = lines.next) {
    const [start] = ITEM.exec(next.text) ?? [];
    // A sequence may stand as deep as the key that has it, and ends with the next key.
    if (start === undefined && next.indent === indent && ENTRY.test(next.text)) break;
    if (start === undefined || next.indent !== indent) throw new OtherYaml();
    items.push(readValue(lines, { indent, isEntry: false, start }));
  }
  return items;
}

interface Place {
  readonly indent: number;
  readonly isEntry: boolean;
  /** The key with its colon, or the dash. */
  readonly start: string;
}

function readValue(lines: Lines, { indent, isEntry, start }: Place): unknown {
  // There is one: the caller has just looked at it.
  const line = lines.next as Line;
  const text = line.text.slice(start.length);
  if (text !== '' && !text.startsWith('#')) {
    if (!isEntry && ENTRY.test(text)) {
      const inner = line.indent + start.length;
      lines.pass({ indent: inner, text });
      return readMapping(lines, inner);
    }
    lines.pass();
    // A scalar that goes on.
    if (lines.next !== undefined && lines.next.indent > indent) throw new OtherYaml();
    return readScalar(text);
  }
  lines.pass();
  const { next } = lines;
  if (next === undefined) return null;
  if (ITEM.test(next.text) && (next.indent > indent || (isEntry && next.indent === indent)))
    return readSequence(lines, next.indent);
  return next.indent > indent ? readMapping(lines, next.indent) : null;
}

function readScalar(text: string): unknown {
  const [isQuoted, double, single = ''] = QUOTED.exec(text) ?? [];
  if (double !== undefined) return double.replace(ESCAPED, (_, escaped: string) => ESCAPES[escaped] ?? escaped);
  if (isQuoted !== undefined) return single.replaceAll("''", "'");
  const plain = withoutComment(text);
  if (OTHER_START.test(plain) || /:(?: |$)/.test(plain)) throw new OtherYaml();
  const word = WORDS.get(plain);
  if (word !== undefined) return word;
  if (NUMBER.test(plain) && plain !== '-0') return Number(plain);
  if (LIKE_NUMBER.test(plain)) throw new OtherYaml();
  return plain;
}

function withoutComment(text: string): string {
  const at = text.search(COMMENT);
  let end = at < 0 ? text.length : at;
  while (text[end - 1] === ' ') end--;
  return text.slice(0, end);
}
