import type { Duckdb } from '#store';
import type { Contract } from '../contract.ts';
import { type Guess, guessSql, maybeKind, maybeMisfitSql, type TypedColumn, typedRowsSql } from './compile-profile.ts';
import type { ProfileSource } from './profile-source.ts';

/** Creates the typed table; a guess that the rest of the file disproves is repeated over the whole file. */
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
      // A file with typed values needs no proof, except for whole numbers beyond the exact range of a double.
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
  // A column whose first cells are empty was guessed as text, which fits everything but is not specific.
  const wrong = columns.flatMap((_, index) =>
    misfits[`x${index}`] === true || (guessed.includes(index) && kinds.get(index) === undefined) ? [index] : [],
  );
  if (wrong.length === 0) return columns;
  const better = columnsWith(new Map([...kinds, ...(await kindsOf(wrong, true))]));
  if (better.every(({ kind }, index) => kind === columns[index]?.kind)) return columns;
  await connection.run(typedRowsSql(better, source));
  return better;
}
