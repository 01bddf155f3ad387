import { literal } from '../sql.ts';

const STRING = String.raw`"([^"\\\x00-\x1F]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*"`;
/** What DuckDB takes and JSON does not have, outside of strings. */
const GENEROUS = String.raw`(?i),[ \t\n\r]*[\]}]|nan|inf`;

/**
 * DuckDB's parser takes a comma before a closing bracket, NaN and Infinity, and refuses `"\ud800"`; so every sound string is
 * emptied first, and then those are looked for in what is left. A string that is not sound stays as it is, since none begins
 * within it that would end before its fault, and the parser finds the fault.
 */
export function noJsonSql(text: string): string {
  const isGood = (sql: string): string => `json_valid(${sql}) and not regexp_matches(${sql}, ${literal(GENEROUS)})`;
  const bare = `regexp_replace(${text}, ${literal(STRING)}, '""', 'g')`;
  // Emptying the strings costs ten times the rest, and most texts are valid without it.
  return `case when ${text} is null or ${isGood(text)} then false else not (${isGood(bare)}) end`;
}
