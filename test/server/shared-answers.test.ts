import { beforeEach, describe, expect, it } from 'vitest';
import { sharedAnswers } from '../../src/server/routes/shared-answers.ts';
import { deferred } from '../deferred.ts';

let now: number;
let begun: { readonly key: string; readonly gate: ReturnType<typeof deferred<string>> }[];
let ask: (key: string) => Promise<string>;

beforeEach(() => {
  now = 1_000;
  begun = [];
  ask = sharedAnswers(
    (key) => {
      const gate = deferred<string>();
      begun.push({ key, gate });
      return gate.promise;
    },
    () => now,
  );
});

/** Ends the work that was begun last, after so long. */
async function end(answer: Promise<string>, { tookMs }: { readonly tookMs: number }): Promise<void> {
  now += tookMs;
  begun.at(-1)?.gate.resolve(`answer ${begun.length}`);
  await answer;
}

describe('answers that are shared', () => {
  it('are made once for all who ask while they are made', async () => {
    const answers = ['a', 'a', 'b', 'a'].map(ask);
    expect(begun.map(({ key }) => key)).toEqual(['a', 'b']);
    for (const { key, gate } of begun) gate.resolve(key);
    expect(await Promise.all(answers)).toEqual(['a', 'a', 'b', 'a']);
  });

  it('serve for three times as long as they took, and not longer', async () => {
    await end(ask('a'), { tookMs: 4_000 });
    now += 11_999;
    expect(await ask('a')).toBe('answer 1');
    now += 1;
    await end(ask('a'), { tookMs: 0 });
    expect(begun).toHaveLength(2);
  });

  it('serve for a minute at most', async () => {
    await end(ask('a'), { tookMs: 500_000 });
    now += 60_000;
    void ask('a');
    expect(begun).toHaveLength(2);
  });

  it('that fail serve nobody who asks later', async () => {
    const failing = [ask('a'), ask('a')];
    now += 4_000;
    begun[0]?.gate.reject(new Error('away'));
    for (const each of failing) await expect(each).rejects.toThrow('away');
    void ask('a');
    expect(begun).toHaveLength(2);
  });

  it('are kept for a bounded number of questions', async () => {
    for (let question = 0; question < 51; question += 1) await end(ask(`q${question}`), { tookMs: 4_000 });
    now -= 50 * 4_000;
    await end(ask('q0'), { tookMs: 0 });
    expect(begun).toHaveLength(52);
  });
});
