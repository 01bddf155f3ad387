import { sparkLiteral } from './spark-text.ts';

/*
 * Whether a text is JSON, to the letter of RFC 8259, in expressions that Spark and the other engines of its protocol share.
 * Their own parsers take more than JSON, or less. Escapes become `~`, strings become `#`, numbers, truths and nulls become
 * `0`; what lies between them is removed; then lists and objects of such values become values themselves, from the inside
 * out, as often as there are brackets. What is left of JSON is one value. No step matches an alternative in a loop, which
 * Java does by recursion.
 */

const ESCAPE = String.raw`\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})`;
const STRING = String.raw`"[^"\\\x{0}-\x{1f}]*"`;
const SCALAR = String.raw`-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null`;
const SPACE = String.raw`[ \t\n\r]+`;
/** Of values, each of one character, so that the loops take steps of one length. */
const COMPOUND = String.raw`\x{5b}(?:[0#](?:,[0#])*)?\x{5d}|\x{7b}(?:#:[0#](?:,#:[0#])*)?\x{7d}`;

const replaced = (text: string, pattern: string, by: string): string =>
  `regexp_replace(${text}, ${sparkLiteral(pattern)}, ${sparkLiteral(by)})`;

/** True for a text that is no JSON. */
export function noJsonSparkSql(text: string): string {
  // A hash or tilde outside of strings is no JSON, and must not be taken for what replaces them.
  const bare = replaced(replaced(text, ESCAPE, '~'), STRING, '""');
  const tokens = replaced(replaced(replaced(bare, '""', '#'), SCALAR, '0'), SPACE, '');
  const brackets = `(char_length(t.v) - char_length(translate(t.v, '[{', '')))`.replaceAll('t.v', tokens);
  const reduced = `aggregate(sequence(0, ${brackets}), ${tokens}, (weir_left, weir_time) -> ${replaced('weir_left', COMPOUND, '0')})`;
  return `case when ${text} is null then false when ${bare} rlike '[~#]' then true else ${reduced} not in ('0', '#') end`;
}
