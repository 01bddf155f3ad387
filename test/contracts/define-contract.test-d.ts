import { expectTypeOf } from 'vitest';
import { boolean, category, checkRows, date, defineContract, integer, number, type RowOf, text } from '#contracts';

const people = defineContract({
  name: 'people',
  columns: {
    id: integer({ role: 'id' }),
    age: number({ nullable: true }),
    sex: category(['female', 'male']),
    deck: category(['A', 'B'], { nullable: true }),
    alive: boolean(),
    born: date(),
    old: text({ alwaysNull: true }),
    note: text({ optional: true }),
  },
});

expectTypeOf<RowOf<typeof people>>().toEqualTypeOf<{
  readonly id: number;
  readonly age: number | null;
  readonly sex: 'female' | 'male';
  readonly deck: 'A' | 'B' | null;
  readonly alive: boolean;
  readonly born: string;
  readonly old: null;
  readonly note: string | null;
}>();

expectTypeOf(checkRows(people, []).rows).toEqualTypeOf<readonly RowOf<typeof people>[]>();

// @ts-expect-error an option that no number has
number({ pattern: 'x' });
// @ts-expect-error a role that does not exist
integer({ role: 'target' });
