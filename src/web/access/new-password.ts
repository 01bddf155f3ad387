import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '#api';

/** What is wrong with a password that is typed twice; undefined while nothing is, or nothing is typed yet. */
export function problemsOf(typed: { readonly first: string; readonly second: string }): {
  readonly first?: string;
  readonly second?: string;
} {
  // Characters as people count them: an emoji is one.
  const length = [...typed.first].length;
  if (length > 0 && length < PASSWORD_LENGTH_MIN)
    return { first: `Expected at least ${PASSWORD_LENGTH_MIN} characters, got ${length}` };
  if (length > PASSWORD_LENGTH_MAX)
    return { first: `Expected at most ${PASSWORD_LENGTH_MAX} characters, got ${length}` };
  if (typed.second !== '' && typed.second !== typed.first) return { second: 'The two differ' };
  return {};
}

/** The password, once it is typed twice alike and long enough. */
export function maybePassword(typed: { readonly first: string; readonly second: string }): string | undefined {
  const isWhole = typed.first !== '' && typed.first === typed.second;
  return isWhole && Object.keys(problemsOf(typed)).length === 0 ? typed.first : undefined;
}
