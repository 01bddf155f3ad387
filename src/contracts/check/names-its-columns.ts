/** A text, a quoted name, a comment, a name, white space, or one character of anything else. */
const TOKENS =
  /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|\$(\w*)\$[\s\S]*?(?:\$\1\$|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[\p{L}_][\p{L}\p{N}_]*|\s+|[\s\S]/gu;

const IGNORED = /^(?:\s|--|\/\*)/;
/** What may stand behind the name of a table, and is no other name for it. */
const BEHIND_TABLE = new Set(
  `where group order join left right inner full cross semi anti asof positional on using limit offset having window qualify
  union except intersect tablesample and or`.split(/\s+/),
);
/** What may read columns that no name in the SQL is. */
const READS_MORE = new Set(
  '# columns natural unpivot pivot summarize describe show table query query_table'.split(' '),
);
const TABLES = new Set(['rows', '"rows"']);

/**
 * Whether SQL over the table `rows` names each column that it reads: no star but in `count(*)`, and no row as a whole. In
 * doubt it does not.
 */
export function namesItsColumns(sql: string): boolean {
  const tokens = [...sql.matchAll(TOKENS)]
    .map(([token]) => token.toLowerCase())
    .filter((token) => !IGNORED.test(token));
  if (tokens.some((token) => READS_MORE.has(token))) return false;
  const aliases = aliasesIn(tokens);
  return tokens.every((token, at) => {
    const [before, next] = [tokens[at - 1], tokens[at + 1]];
    if (token === '*') return before === '(' && tokens[at - 2] === 'count' && next === ')';
    // A query may begin with what it reads, and reads all of it then.
    if (token === 'from') return before !== undefined && before !== '(';
    if (TABLES.has(token)) return next === '.' || before === 'from' || before === 'join';
    return !aliases.has(token) || next === '.' || before === 'as' || TABLES.has(before ?? '');
  });
}

/** Other names of the table. */
function aliasesIn(tokens: readonly string[]): ReadonlySet<string> {
  const found = tokens.flatMap((token, at) => {
    if (!TABLES.has(token)) return [];
    const next = tokens[at + 1] === 'as' ? tokens[at + 2] : tokens[at + 1];
    return next !== undefined && /^["\p{L}_]/u.test(next) && !BEHIND_TABLE.has(next) ? [next] : [];
  });
  return new Set(found);
}
