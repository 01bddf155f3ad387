import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { defineTask, value } from '#engine';

const list = defineTask({
  name: 'list-users',
  version: '1',
  params: z.object({ source: z.string() }),
  outputs: { users: value<readonly string[]>() },
  run: async () => ({ users: [] }),
});
const likes = defineTask({
  name: 'likes-of',
  version: '1',
  params: z.object({ user: z.string() }),
  outputs: { likes: value<number>() },
  run: async () => ({ likes: 1 }),
});

describe('runtime inputs', () => {
  it('are typed by what the first inputs read, and read by run', () => {
    defineTask({
      name: 'total',
      version: '1',
      params: z.object({ source: z.string() }),
      inputs: ({ source }) => ({ listing: list.goal({ source }) }),
      runtimeInputs: ({ source }, { listing }) => {
        expectTypeOf(source).toEqualTypeOf<string>();
        expectTypeOf(listing.users).toEqualTypeOf<readonly string[]>();
        return {
          parts: listing.users.map((user) => likes.goal({ user })),
          named: Object.fromEntries(listing.users.map((user) => [user, likes.goal({ user })])),
          first: likes.goal({ user: '1' }),
        };
      },
      outputs: { total: value<number>() },
      run: async ({ inputs }) => {
        expectTypeOf(inputs.listing.users).toEqualTypeOf<readonly string[]>();
        expectTypeOf(inputs.parts[0]).toEqualTypeOf<{ readonly likes: number } | undefined>();
        expectTypeOf(inputs.parts.map(({ likes }) => likes)).toEqualTypeOf<number[]>();
        expectTypeOf(inputs.named.x?.likes).toEqualTypeOf<number | undefined>();
        expectTypeOf(inputs.first.likes).toEqualTypeOf<number>();
        return { total: 0 };
      },
    });
  });
});

describe('inputs under a rule that does not need them', () => {
  it('may be undefined', () => {
    defineTask({
      name: 'report',
      version: '1',
      params: z.object({}),
      runsWhen: 'none-failed',
      inputs: () => ({ one: likes.goal({ user: 'a' }), many: [likes.goal({ user: 'a' })] }),
      runtimeInputs: (_, inputs) => {
        expectTypeOf(inputs.one?.likes).toEqualTypeOf<number | undefined>();
        return { more: likes.goal({ user: 'b' }) };
      },
      outputs: { total: value<number>() },
      run: async ({ inputs }) => {
        expectTypeOf(inputs.one).toEqualTypeOf<{ readonly likes: number } | undefined>();
        expectTypeOf(inputs.more).toEqualTypeOf<{ readonly likes: number } | undefined>();
        expectTypeOf(inputs.many).toEqualTypeOf<readonly ({ readonly likes: number } | undefined)[]>();
        return { total: 0 };
      },
    });
  });
});
