import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AnyTask, defineTask, type Goal, value } from '#engine';
import { createRegistry } from '../../../src/engine/define/registry.ts';
import { prioritiesOf } from '../../../src/engine/drive/priorities.ts';
import { planGoals } from '../../../src/engine/resolve/graph.ts';

const outputs = { n: value<number>() };
const run = async () => ({ n: 0 });
const leaf = defineTask({
  ...{ name: 'leaf', version: '1', outputs, run, params: z.object({ n: z.number(), priority: z.number() }) },
  priority: ({ priority }) => priority,
});
const middle = defineTask({
  ...{ name: 'middle', version: '1', outputs, run, params: z.object({ n: z.number() }) },
  inputs: ({ n }) => ({ leaf: leaf.goal({ n, priority: -5 }) }),
});
const top = defineTask({
  ...{ name: 'top', version: '1', outputs, run, params: z.object({ n: z.number(), priority: z.number() }) },
  priority: ({ priority }) => priority,
  inputs: ({ n }) => ({ middle: middle.goal({ n }) }),
});

const found = (goals: readonly Goal[], tasks: readonly unknown[] = [leaf, middle, top]) => {
  // Tasks of many types; a registry asks for their names only.
  const registry = createRegistry(tasks as readonly AnyTask[]);
  const { planned } = planGoals(goals, { registry });
  const priorities = prioritiesOf(planned, registry);
  return Object.fromEntries(planned.map(({ id, goal }) => [`${goal.task} ${goal.params.n}`, priorities.get(id)]));
};

describe('the priority of a goal', () => {
  it('is its own when nobody needs it', () => {
    expect(found([leaf.goal({ n: 1, priority: -5 }), leaf.goal({ n: 2, priority: 3 })])).toEqual({
      'leaf 1': -5,
      'leaf 2': 3,
    });
  });

  it('is that of the most urgent goal that needs it, however far up', () => {
    expect(found([top.goal({ n: 1, priority: 7 }), top.goal({ n: 1, priority: 2 }), middle.goal({ n: 2 })])).toEqual({
      ...{ 'leaf 1': 7, 'middle 1': 7, 'top 1': expect.any(Number) },
      ...{ 'leaf 2': 0, 'middle 2': 0 },
    });
  });

  it('is not looked for where no task has one', () => {
    const plain = { ...middle, inputs: () => ({}) };
    expect(found([middle.goal({ n: 1 })], [plain])).toEqual({ 'middle 1': undefined });
  });
});
