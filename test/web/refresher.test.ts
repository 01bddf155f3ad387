import { describe, expect, it } from 'vitest';
import { createRefresher } from '../../src/web/refresher.ts';

describe('live updates', () => {
  it('load what changed once for many changes, and not again before the first has arrived', async () => {
    const asked: string[][] = [];
    const ends: (() => void)[] = [];
    const due: (() => void)[] = [];
    const refresh = (runIds: ReadonlySet<string>) => {
      asked.push([...runIds]);
      return new Promise<void>((resolve) => ends.push(resolve));
    };
    const later = (act: () => void) => {
      due.push(act);
      return () => undefined;
    };
    const refresher = createRefresher({ refresh }, { later });
    for (const id of ['1', '1', '2']) refresher.changed(id);
    expect(due).toHaveLength(1);
    due[0]?.();
    expect(asked).toEqual([['1', '2']]);
    for (const id of ['3', '3', '4']) refresher.changed(id);
    expect(due).toHaveLength(1);
    ends[0]?.();
    await expect.poll(() => due.length).toBe(2);
    due[1]?.();
    expect(asked).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
  });
});
