import { describe, expect, it } from 'vitest';
import { chooseTaskRuns } from '../../../src/app/cli/choose-task-runs.ts';

const taskRuns = [
  { goal: 'abcd11', task: 'fit-model', params: { seed: 1, kind: 'knn' } },
  { goal: 'abcd22', task: 'fit-model', params: { seed: 2, kind: 'knn' } },
  { goal: 'ef0033', task: 'report', params: { books: ['a', 'b'] } },
];
const chosen = (text?: string, params?: string) =>
  chooseTaskRuns(taskRuns, { runId: '7', text, params }).map(({ goal }) => goal);

describe('a task run as people name it', () => {
  it.each([
    [undefined, ['abcd11', 'abcd22', 'ef0033']],
    ['fit-model', ['abcd11', 'abcd22']],
    ['fit-model(kind=knn, seed=1)', ['abcd11']],
    ['fit-model(kind=knn)', ['abcd11', 'abcd22']],
    ['report(books=["a","b"])', ['ef0033']],
    ['abcd1', ['abcd11']],
    ['ef00', ['ef0033']],
  ])('is found by task, by params in any order, or by the first digits of its goal: %s', (text, goals) => {
    expect(chosen(text)).toEqual(goals);
  });

  it('may have its params beside it', () => {
    expect(chosen('fit-model', '{"seed":2}')).toEqual(['abcd22']);
  });

  it.each([
    ['abcd', /Expected more digits: abcd begins fit-model\(seed=1, kind="knn"\), fit-model/],
    ['sing', /Run 7 has no task run of sing. It has: fit-model, report\./],
    ['fit-model(seed=3)', /no task run of fit-model\(seed=3\)\. Of fit-model it has: fit-model\(seed=1/],
    ['report(books=["a"])', /no task run of report/],
    ['report(constructor=1)', /no task run of report/],
    ['Fit model', /Expected a goal such as/],
  ])('is refused when there is none, or more than one: %s', (text, words) => {
    expect(() => chosen(text)).toThrow(words);
  });

  it('has no params of the whole run', () => {
    expect(() => chosen(undefined, '{}')).toThrow(/together with a task of run 7/);
  });
});
