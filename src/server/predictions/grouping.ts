import { deferred } from './deferred.ts';

export interface GroupOptions {
  /** Groups in progress at a time; while that many are, callers collect for the next one. */
  readonly groupsMax: number;
  readonly callsMax: number;
  /** True for an error that left nothing behind: the calls of a failed group are then done one by one. */
  readonly isSafeToSplit: (error: unknown) => boolean;
}

interface Waiting<Call, Answer> {
  readonly call: Call;
  readonly answer: ReturnType<typeof deferred<Answer>>;
}

/**
 * Does concurrent calls together: the first starts at once, those that come while it runs form the next group.
 * No timer, so a lone caller never waits. Where it is safe, one bad call fails alone.
 */
export function grouped<Call, Answer>(
  work: (calls: readonly Call[]) => Promise<readonly Answer[]>,
  { groupsMax, callsMax, isSafeToSplit }: GroupOptions,
): (call: Call) => Promise<Answer> {
  const waiting: Waiting<Call, Answer>[] = [];
  let running = 0;
  const next = (): void => {
    if (running >= groupsMax || waiting.length === 0) return;
    running += 1;
    void finish(waiting.splice(0, callsMax)).finally(() => {
      running -= 1;
      next();
    });
  };
  const finish = async (group: readonly Waiting<Call, Answer>[]): Promise<void> => {
    try {
      const answers = await work(group.map(({ call }) => call));
      for (const [index, { answer }] of group.entries()) settle(answer, answers[index]);
    } catch (error) {
      if (group.length > 1 && isSafeToSplit(error)) for (const one of group) await finish([one]);
      else for (const { answer } of group) answer.reject(error);
    }
  };
  return (call) => {
    const answer = deferred<Answer>();
    waiting.push({ call, answer });
    // Calls that are parsed in the same turn of the event loop belong together.
    setImmediate(next);
    return answer.promise;
  };
}

function settle<Answer>({ resolve, reject }: ReturnType<typeof deferred<Answer>>, answer: Answer | undefined): void {
  if (answer === undefined) reject(new Error('Expected an answer for each call of a group, and one has none.'));
  else resolve(answer);
}
