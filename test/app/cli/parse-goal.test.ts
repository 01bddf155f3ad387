import { describe, expect, it } from 'vitest';
import { parseGoal } from '../../../src/app/cli/parse-goal.ts';

describe('a goal as people write it', () => {
  it.each([
    ['fit-model', { task: 'fit-model', params: {} }],
    ['fit-model()', { task: 'fit-model', params: {} }],
    ['fit-model(seed=1)', { task: 'fit-model', params: { seed: 1 } }],
    [
      'fit-model(seed=1, kind="k,nn", deep=true, none=null)',
      { task: 'fit-model', params: { seed: 1, kind: 'k,nn', deep: true, none: null } },
    ],
    ['count(book=dawn)', { task: 'count', params: { book: 'dawn' } }],
    [
      'report(books=["a","b"], shape={"x":[1,2]})',
      { task: 'report', params: { books: ['a', 'b'], shape: { x: [1, 2] } } },
    ],
    [String.raw`say(words="a \"quoted, one\"")`, { task: 'say', params: { words: 'a "quoted, one"' } }],
    ['say(constructor=1, __proto__=2)', { task: 'say', params: JSON.parse('{"constructor":1,"__proto__":2}') }],
    ['say(words=a=b)', { task: 'say', params: { words: 'a=b' } }],
  ])('is read: %s', (text, goal) => {
    expect(parseGoal(text)).toEqual(goal);
  });

  it('may have its params as JSON beside it', () => {
    expect(parseGoal('fit-model', '{"seed":1}')).toEqual({ task: 'fit-model', params: { seed: 1 } });
  });

  it.each([
    ['', undefined],
    ['Fit Model', undefined],
    ['fit-model(seed)', undefined],
    ['fit-model(=1)', undefined],
    ['fit-model', '[1]'],
    ['fit-model', '{seed:1}'],
    ['fit-model(seed=1)', '{"seed":2}'],
  ])('is refused: %j with params %j', (text, params) => {
    expect(() => parseGoal(text, params)).toThrow(/^Expected (a goal|params)/);
  });
});
