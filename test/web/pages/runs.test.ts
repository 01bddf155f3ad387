import { describe, expect, it } from 'vitest';
import { layOut } from '../../../src/web/pages/runs/graph-layout.ts';
import { toTimeBar } from '../../../src/web/pages/runs/time-bar.ts';

describe('the graph of a run', () => {
  it('puts what is needed at the left, and lets nothing overlap', () => {
    const { positions, edges } = layOut([
      { goal: 'read', needs: ['outside'] },
      { goal: 'save', needs: ['read'] },
      { goal: 'alert', needs: ['read'] },
    ]);
    const [read, save, alert] = ['read', 'save', 'alert'].map(
      (goal) => positions.get(goal) ?? { x: Number.NaN, y: Number.NaN },
    );
    expect(edges).toEqual([
      { from: 'read', to: 'save' },
      { from: 'read', to: 'alert' },
    ]);
    expect(read?.x).toBeLessThan(save?.x ?? 0);
    expect(Math.abs((save?.y ?? 0) - (alert?.y ?? 0))).toBeGreaterThanOrEqual(68);
  });
});

describe('the time bar of a task run', () => {
  const at = (seconds: number) => new Date(1_000_000 + seconds * 1000).toISOString();
  it('shows when within its run it ran', () => {
    expect(toTimeBar({ startedAt: at(2), endedAt: at(4) }, { startedAt: at(0), endedAt: at(10) }, 0)).toEqual({
      left: 20,
      width: 20,
    });
  });
  it('grows until now while it runs, and is none before it starts', () => {
    expect(
      toTimeBar({ startedAt: at(5), endedAt: null }, { startedAt: at(0), endedAt: null }, Date.parse(at(10))),
    ).toEqual({ left: 50, width: 50 });
    expect(toTimeBar({ startedAt: null, endedAt: null }, { startedAt: at(0), endedAt: null }, 0)).toBeUndefined();
  });
});
