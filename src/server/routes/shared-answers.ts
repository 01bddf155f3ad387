/**
 * An answer is shared for this many times its duration, so that its queries use the database at most a quarter of the
 * time.
 */
const TIMES_REUSED = 3;
const REUSED_MS_MAX = 60_000;
const KEPT_MAX = 50;

interface Shared<Answer> {
  readonly answer: Promise<Answer>;
  /** Infinite while it is being computed. */
  freshUntil: number;
}

/**
 * Shares expensive reads among equal requests: requests during a read wait for it, and requests soon after get the same
 * answer. A failure is only given to those who waited for it.
 */
export function sharedAnswers<Answer>(
  work: (key: string) => Promise<Answer>,
  now: () => number = Date.now,
): (key: string) => Promise<Answer> {
  const kept = new Map<string, Shared<Answer>>();
  const begin = (key: string): Promise<Answer> => {
    const startedAt = now();
    const shared: Shared<Answer> = { answer: work(key), freshUntil: Number.POSITIVE_INFINITY };
    kept.delete(key);
    kept.set(key, shared);
    const [oldest] = kept.keys();
    if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
    shared.answer.then(
      () => {
        shared.freshUntil = now() + Math.min(REUSED_MS_MAX, TIMES_REUSED * (now() - startedAt));
      },
      () => {
        if (kept.get(key) === shared) kept.delete(key);
      },
    );
    return shared.answer;
  };
  return (key) => {
    const known = kept.get(key);
    return known !== undefined && now() < known.freshUntil ? known.answer : begin(key);
  };
}
