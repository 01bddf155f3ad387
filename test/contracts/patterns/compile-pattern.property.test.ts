import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DuckdbPool } from '#store';
import { byteDfa } from '../../../src/contracts/patterns/byte-dfa.ts';
import { compilePattern, isFollowed } from '../../../src/contracts/patterns/compile-pattern.ts';
import type { Where } from '../../../src/contracts/patterns/program.ts';
import { literal } from '../../../src/contracts/sql.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';
import { patterns, texts } from './random-patterns.ts';
import { walk } from './walk.ts';

let duckdb: DuckdbPool;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
});
afterAll(() => duckdb.close());

const SEED = 13;
const PATTERNS = 4000;
const TEXTS_EACH = 10;
const PATTERNS_AT_ONCE = 100;
const chosen = fc.sample(fc.tuple(patterns, fc.array(texts, { minLength: TEXTS_EACH, maxLength: TEXTS_EACH })), {
  numRuns: PATTERNS,
  seed: SEED,
});

const isRefused = (pattern: string): boolean => {
  try {
    compilePattern(pattern);
    return false;
  } catch {
    return true;
  }
};

/** RE2's answers for each text of each pattern. A pattern that stands in the SQL itself is compiled once. */
async function asked(read: typeof chosen): Promise<readonly { readonly whole: boolean; readonly part: boolean }[]> {
  const parts = read.map(([pattern, many], place) => {
    const values = many.map((text, index) => `(${index}, ${literal(text)})`).join(', ');
    return `select ${place} as place, i, regexp_full_match(t, ${literal(pattern)}) as whole,
      regexp_matches(t, ${literal(pattern)}) as part from (values ${values}) texts(i, t)`;
  });
  const answers = [];
  for (let start = 0; start < parts.length; start += PATTERNS_AT_ONCE) {
    const sql = `${parts.slice(start, start + PATTERNS_AT_ONCE).join(' union all ')} order by place, i`;
    answers.push(...(await duckdb.use((connection) => connection.all<{ whole: boolean; part: boolean }>(sql))));
  }
  return answers;
}

/** Whether a text matches, by the automaton, by the program and by the automaton over bytes. */
function waysToMatch(pattern: string, where: Where): (text: string) => readonly boolean[] {
  const { matches, program } = compilePattern(pattern, where);
  const bytes = byteDfa(pattern, where);
  return (text) => [
    matches(text),
    isFollowed(text, program),
    ...(bytes === undefined ? [] : [walk(bytes, Buffer.from(text))]),
  ];
}

describe('patterns', () => {
  it('mean what they mean to RE2, whichever way they are matched', async () => {
    const read = chosen.filter(([pattern]) => !isRefused(pattern));
    const answers = await asked(read);
    const wrong = read.flatMap(([pattern, many], place) =>
      (['whole', 'part'] as const).flatMap((where) => {
        const said = waysToMatch(pattern, where);
        return many.flatMap((text, index) => {
          const re2 = answers[place * TEXTS_EACH + index]?.[where];
          const ours = said(text);
          return ours.every((answer) => answer === re2) ? [] : [{ pattern, text, where, re2, ours }];
        });
      }),
    );
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(answers.length).toBeGreaterThanOrEqual(20_000);
    expect(answers.filter(({ whole }) => whole).length).toBeGreaterThan(2000);
    expect(answers.filter(({ part }) => !part).length).toBeGreaterThan(2000);
  });

  it('are refused where RE2 refuses them', async () => {
    const refused = [...new Set(chosen.map(([pattern]) => pattern))].filter(isRefused);
    const rows = refused.map((pattern) => `(${literal(pattern)})`).join(', ');
    const sql = `select p from (values ${rows}) patterns(p) where try(regexp_full_match('', p)) is not null`;
    const taken = await duckdb.use((connection) => connection.all<{ p: string }>(sql));
    // Half a character means nothing to us.
    expect(taken.map(({ p }) => p).filter((pattern) => !pattern.includes('\\C'))).toEqual([]);
    expect(refused.length).toBeGreaterThan(400);
  });
});
