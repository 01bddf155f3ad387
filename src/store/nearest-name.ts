/** How much of a name may be wrong before nobody can have meant it. */
const WRONG_SHARE_MAX = 0.4;

/** The known name that somebody most likely meant; `undefined` when none is near. */
export function maybeNearestName(given: string, known: readonly string[]): string | undefined {
  const scored = known
    .map((name) => ({ name, edits: editsBetween(bare(given), bare(name)) }))
    .filter(({ name, edits }) => edits <= WRONG_SHARE_MAX * Math.max(bare(given).length, bare(name).length))
    .sort((a, b) => a.edits - b.edits);
  return scored[0]?.name;
}

/** Whether two names differ only in how words are joined: `SERVER_PORT`, `serverPort`, `server.port`. */
export const isSameName = (a: string, b: string): boolean => bare(a) === bare(b);

const bare = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** How many letters to insert, remove, replace or swap with their neighbour (Damerau and Levenshtein). */
function editsBetween(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      next[column] = Math.min(
        at(last, column) + 1,
        at(next, column - 1) + 1,
        at(last, column - 1) + (isSame ? 0 : 1),
        isSwap ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = next;
  }
  return at(last, to.length);
}

const at = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY;
