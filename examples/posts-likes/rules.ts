/** What the files say and how users are ranked. Plain functions: no file, no clock, no Weir. */

/** What is known of one user. */
export interface Score {
  readonly user: string;
  readonly name: string;
  readonly posts: number;
  /** Of all their posts. */
  readonly likes: number;
  /** Mean likes of their three most-liked posts, or of all when there are fewer; null without any post. */
  readonly topMean: number | null;
}

export const TOP_POSTS = 3;
export const TOP_USERS = 10;

/** Ids of posts, one a line after the header; a post named twice is one post. */
export const parsePosts = (text: string): readonly string[] => [
  ...new Set(
    linesOf(text)
      .slice(1)
      .map((line) => line.split(',', 1)[0] ?? ''),
  ),
];

/** How many people like a post: one name a line, and who is named twice likes it once. */
export const countDistinct = (text: string): number => new Set(linesOf(text)).size;

export function scoreOf(who: { readonly user: string; readonly name: string }, likes: readonly number[]): Score {
  const top = [...likes].sort((a, b) => b - a).slice(0, TOP_POSTS);
  return { ...who, posts: likes.length, likes: sum(likes), topMean: top.length === 0 ? null : sum(top) / top.length };
}

/** The best by mean. Equal means: more likes in all first, then the user's id in the order of code units. */
export function rankUsers(scores: readonly Score[]): readonly Score[] {
  const ranked = scores.filter((score) => score.topMean !== null);
  return ranked
    .sort((a, b) => byNumber(b.topMean, a.topMean) || b.likes - a.likes || byText(a.user, b.user))
    .slice(0, TOP_USERS);
}

const linesOf = (text: string): readonly string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const byNumber = (a: number | null, b: number | null): number => (a ?? 0) - (b ?? 0);
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
