import { describe, expect, it } from 'vitest';
import type { BlobInput } from 'weir';
import { totalOf } from './rules.ts';
import { dayTotal } from './tasks.ts';

describe('what a day took', () => {
  it('is the sum of its orders', () => {
    expect(
      totalOf([
        { item: 'tea', cents: 450 },
        { item: 'coffee', cents: 300 },
      ]),
    ).toBe(750);
  });

  it('is refused when an amount is negative', () => {
    expect(() => totalOf([{ item: 'tea', cents: -1 }])).toThrow(/0 or more for tea/);
  });

  it('is a goal that a schema has checked', () => {
    expect(dayTotal.goal({ day: '2026-01-31' })).toMatchObject({ task: 'day-total', params: { day: '2026-01-31' } });
    expect(() => dayTotal.goal({ day: 'today' })).toThrow(/do not fit its schema/);
  });

  it('is what the task makes of a file', async () => {
    const text = '{"item":"tea","cents":450}\n';
    const content = { bytes: async () => new TextEncoder().encode(text) } as BlobInput;
    const logged: string[] = [];
    const context = {
      params: { day: '2026-01-31' },
      inputs: { orders: { content } },
      log: (line: string) => logged.push(line),
    };
    // What this task does not touch is left away.
    const made = await dayTotal.run(context as unknown as Parameters<typeof dayTotal.run>[0]);
    expect(made).toEqual({ cents: 450 });
    expect(logged).toEqual(['orders on 2026-01-31: 1']);
  });
});
