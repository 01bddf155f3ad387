import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { category, defineContract, keysIn, number, text } from '#contracts';
import { defineTask, value } from '#engine';
import { knn } from '#ml';
import { definePipeline, defineProject, fromSql } from '#pipelines';

const contract = defineContract({
  name: 'parcels',
  columns: {
    id: text({ role: 'id', unique: true }),
    weight: number(),
    outcome: category(['kept', 'broken'], { role: 'label' }),
  },
});
const model = { contract, estimator: knn({ k: 3 }), training: fromSql({ connection: 'own', sql: 'parcels.sql' }) };
const known = defineContract({ ...contract, expectations: [keysIn('id', { dataset: 'senders' })] });
const named = { name: 'parcels', title: 'Parcels' };
// What TypeScript would refuse, as JavaScript may still say it.
const define = (options: object) => defineProject(options as Parameters<typeof defineProject>[0]);

describe('a project', () => {
  it('may have a model and nothing of its own', () => {
    const project = defineProject({ ...named, ...model });
    expect(project.contract.name).toBe('parcels');
    expect(project).toMatchObject({ tasks: [], sources: [], pipelines: [] });
  });

  it('may have tasks and pipelines of its own, and no model', () => {
    const pipeline = definePipeline({ name: 'count', goals: () => [] });
    const project = defineProject({ ...named, tasks: ['tasks.ts'], pipelines: [pipeline] });
    expect(project.contract).toBeUndefined();
    expect(project).toMatchObject({ tasks: ['tasks.ts'], pipelines: [pipeline] });
  });

  it.each([
    [{ ...named, contract, estimator: model.estimator }, /has a contract and no training/],
    [{ ...named, estimator: model.estimator, training: model.training }, /has estimator and training and no contract/],
    [{ ...named, name: 'My Parcels' }, /kebab-case/],
    [{ ...named, ...model, contract: known }, /compares files with the dataset "senders"\. Say under references/],
    [{ ...named, ...model, references: { senders: {} } }, /the reference "senders", which its contract does not name/],
    [{ ...named, ...model, contract: { ...contract, columns: {} } }, /exactly one column with role 'id'; got none/],
  ])('is refused with half a model, a wrong name, or no id', (options, words) => {
    expect(() => define(options)).toThrow(words);
  });
});

describe('a pipeline of a project', () => {
  const task = defineTask({
    name: 'headline',
    version: '1',
    params: z.object({ day: z.string() }),
    outputs: { text: value<string>() },
    run: async ({ params }) => ({ text: params.day }),
  });
  const request = { runId: '1', params: {}, trigger: 'manual', at: new Date(0) } as const;

  it('runs the goals that it says', async () => {
    const pipeline = definePipeline({ name: 'news', goals: ({ at }) => [task.goal({ day: at.toISOString() })] });
    expect(await pipeline.plan(request)).toEqual({
      kind: 'run',
      goals: [{ task: 'headline', params: { day: '1970-01-01T00:00:00.000Z' } }],
      params: {},
    });
    expect(pipeline.planInterval).toBeUndefined();
  });

  it('may plan for itself, and say the goals of an interval', async () => {
    const pipeline = definePipeline({
      name: 'news',
      plan: async () => ({ kind: 'skip', reason: 'nothing new', params: {} }),
      goalsOf: ({ from }) => [task.goal({ day: from.toISOString().slice(0, 10) })],
    });
    expect(await pipeline.plan(request)).toMatchObject({ kind: 'skip' });
    const interval = { from: new Date('2026-03-01'), to: new Date('2026-03-02') };
    expect(await pipeline.planInterval?.(interval)).toMatchObject({
      goals: [{ task: 'headline', params: { day: '2026-03-01' } }],
    });
  });

  it('has a name that an address can hold', () => {
    expect(() => definePipeline({ name: 'the news', goals: () => [] })).toThrow(/kebab-case/);
  });
});
