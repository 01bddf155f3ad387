import { describe, expect, it } from 'vitest';
import { withChanges } from '../../src/web/run-changes.ts';
import { makeLargeRun } from '../e2e/web/fixtures.ts';

describe('a run that is followed', () => {
  const known = makeLargeRun(3);

  it('takes the task runs that changed, keeps the others and their order, and adds new ones at the end', () => {
    const [first, second] = known.taskRuns;
    if (first === undefined || second === undefined) throw new Error('The run has too few task runs.');
    const changed = { ...second, state: 'cancelled' as const };
    const added = { ...first, goal: 'added' };
    const shown = withChanges(known, { ...known, state: 'failed', asOf: '12', taskRuns: [added, changed] });
    expect(shown).toMatchObject({ state: 'failed', asOf: '12' });
    expect(shown.taskRuns).toEqual([first, changed, ...known.taskRuns.slice(2), added]);
  });

  it('is what came first when nothing was known', () => {
    expect(withChanges(undefined, known)).toBe(known);
  });
});
