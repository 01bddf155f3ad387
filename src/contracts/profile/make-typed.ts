import type { Duckdb } from '#store';
import type { Contract } from '../contract.ts';
import { type Guess, guessSql, maybeKind, maybeMisfitSql, type TypedColumn, typedRowsSql } from './compile-profile.ts';
import type { ProfileSource } from './profile-source.ts';

/** Makes the typed table; a guess that the rest of the file proves wrong is made again, of the whole file. */
export async function makeTyped(
  connection: Duckdb,
  { source, contract }: { readonly source: ProfileSource; readonly contract: Contract | undefined },
): Promise<readonly TypedColumn[]> {
  const declared = source.columns.map(({ name }) => contract?.columns[name]?.kind);
  const kindsOf = async (positions: readonly number[], isWhole: boolean) => {
    if (positions.length === 0) return new Map<number, TypedColumn['kind'] | undefined>();
    const guesses = await connection.all<Guess>(guessSql({ source, positions, isWhole }));
    const answers = new Map(guesses.map((guess) => [guess.place, guess]));
    return new Map(positions.map((position, place) => [position, maybeKind(answers.get(place) ?? {})]));
  };
  const columnsWith = (kinds: ReadonlyMap<number, TypedColumn['kind'] | undefined>): readonly TypedColumn[] =>
    source.columns.map((column, index) => {
      const known = declared[index];
      const kind = known ?? kinds.get(index) ?? column.native?.kind ?? 'text';
      // A file that has types for its values needs no proof, but for whole numbers beyond what a double can tell apart.
      const isGuessed = known === undefined && (column.native?.kind ?? 'integer') === 'integer';
      return { ...column, kind, isGuessed };
    });
  const guessed = source.columns.flatMap(({ native }, index) =>
    declared[index] === undefined && native === undefined ? [index] : [],
  );
  const kinds = await kindsOf(guessed, false);
  const columns = columnsWith(kinds);
  await connection.run(typedRowsSql(columns, source));
  const misfitSql = maybeMisfitSql(columns);
  const [misfits = {}] =
    misfitSql === undefined ? [] : await connection.all<Readonly<Record<string, boolean | null>>>(misfitSql);
  // A column that is empty at the beginning was taken for text, which fits everything and tells little.
  const wrong = columns.flatMap((_, index) =>
    misfits[`x${index}`] === true || (guessed.includes(index) && kinds.get(index) === undefined) ? [index] : [],
  );
  if (wrong.length === 0) return columns;
  const better = columnsWith(new Map([...kinds, ...(await kindsOf(wrong, true))]));
  if (better.every(({ kind }, index) => kind === columns[index]?.kind)) return columns;
  await connection.run(typedRowsSql(better, source));
  return better;
}
