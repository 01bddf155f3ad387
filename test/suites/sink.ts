import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenPlace, type Sink, SinkFencedError, type SinkOwner } from '#engine';

/** A store under test, with what the suite must be able to do to it. */
export interface SinkBench<Writer> {
  readonly sink: Sink<Writer>;
  /** The same store as another process sees it. */
  reopen(): Promise<Sink<Writer>>;
  /** Writes rows into the place of an owner, in the place of those that were there. */
  write(writer: Writer, place: { readonly owner: SinkOwner; readonly rows: readonly string[] }): Promise<void>;
  /** The rows of a goal that survive, in order. */
  read(goal: string): Promise<readonly string[]>;
  /** Takes from the store what it would lose in a crash, in the middle of what it does. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

const ROWS = ['first', 'second', 'third'];

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** What every sink promises; `open` gives an empty one. */
export function testSink<Writer>(name: string, open: () => Promise<SinkBench<Writer>>): void {
  describe(`the ${name} sink`, () => {
    let bench: SinkBench<Writer>;
    beforeAll(async () => {
      bench = await open();
    });
    afterAll(() => bench.close());

    let lastGoal = 0;
    const ownerOf = (goal: string, token: number, given: Partial<SinkOwner> = {}): SinkOwner => ({
      ...{ goal, output: 'written', key: `key ${token}`, token: String(token), origin: 'one' },
      ...given,
    });
    const freshGoal = (): string => `goal ${++lastGoal}`;
    const put = (owner: SinkOwner, rows: readonly string[], sink = bench.sink): Promise<number> =>
      sink.replace(owner, async (place) => {
        await bench.write(place.writer, { owner, rows });
        await place.flush();
        await place.mark(rows.length);
        return rows.length;
      });
    const markerOf = async (goal: string, sink = bench.sink) => (await sink.markers([{ goal, output: 'written' }]))[0];
    const fail = (owner: SinkOwner, work: (place: OpenPlace<Writer>) => Promise<void>): Promise<void> =>
      bench.sink.replace(owner, async (place) => {
        await work(place);
        throw new Error('broken on purpose');
      });

    it('knows no marker before the first write, and makes nothing when it is asked', async () => {
      expect(await bench.sink.markers([{ goal: 'nobody', output: 'written' }])).toEqual([undefined]);
      expect(await bench.sink.markers([])).toEqual([]);
    });

    it('holds rows and their marker, and another process sees both', async () => {
      const goal = freshGoal();
      expect(await put(ownerOf(goal, 1), ROWS)).toBe(3);
      expect(await bench.read(goal)).toEqual(ROWS);
      expect(await markerOf(goal, await bench.reopen())).toEqual({ key: 'key 1', rowCount: 3 });
    });

    it('answers for many places in the order asked', async () => {
      const goals = [freshGoal(), freshGoal(), freshGoal()];
      await put(ownerOf(goals[0] ?? '', 1), ROWS);
      await put(ownerOf(goals[2] ?? '', 2), []);
      const asked = [goals[2], goals[1], goals[0]].map((goal = '') => ({ goal, output: 'written' }));
      const other = { goal: goals[0] ?? '', output: 'another' };
      expect(await bench.sink.markers([...asked, other])).toEqual([
        { key: 'key 2', rowCount: 0 },
        undefined,
        { key: 'key 1', rowCount: 3 },
        undefined,
      ]);
    });

    it('replaces the rows of a place, and those of no other', async () => {
      const [goal, neighbour] = [freshGoal(), freshGoal()];
      await put(ownerOf(neighbour, 1), ROWS);
      await put(ownerOf(goal, 2), ROWS);
      await put(ownerOf(goal, 3), ['only']);
      expect(await bench.read(goal)).toEqual(['only']);
      expect(await markerOf(goal)).toEqual({ key: 'key 3', rowCount: 1 });
      expect(await bench.read(neighbour)).toEqual(ROWS);
    });

    it('takes the same token twice, as a repeated attempt has it', async () => {
      const goal = freshGoal();
      await put(ownerOf(goal, 1), ROWS);
      await put(ownerOf(goal, 1), ROWS);
      expect(await bench.read(goal)).toEqual(ROWS);
    });

    it('refuses an older token, and leaves what its successor wrote', async () => {
      const goal = freshGoal();
      await put(ownerOf(goal, 10), ROWS);
      await expect(put(ownerOf(goal, 9), ['late'])).rejects.toThrow(SinkFencedError);
      await expect(put(ownerOf(goal, 9), ['late'])).rejects.toThrow(/token 9\b.*token 10\b/);
      expect(await bench.read(goal)).toEqual(ROWS);
      expect(await markerOf(goal)).toEqual({ key: 'key 10', rowCount: 3 });
    });

    it('compares tokens as numbers, and only those of one origin', async () => {
      const goal = freshGoal();
      await put(ownerOf(goal, 9), ['nine']);
      await put(ownerOf(goal, 10), ['ten']);
      await put(ownerOf(goal, 1, { origin: 'another' }), ['another']);
      expect(await bench.read(goal)).toEqual(['another']);
      await expect(put(ownerOf(goal, 0, { origin: 'another' }), ['late'])).rejects.toThrow(SinkFencedError);
    });

    it('lets a writer that was overtaken leave nothing', async () => {
      const goal = freshGoal();
      const [overtaken, opened] = [gate(), gate()];
      const slow = ownerOf(goal, 1);
      const late = bench.sink.replace(slow, async (place) => {
        opened.open();
        await overtaken.opened;
        await bench.write(place.writer, { owner: slow, rows: ['late'] });
        await place.flush();
        await place.mark(1);
      });
      await opened.opened;
      const successor = put(ownerOf(goal, 2), ROWS, await bench.reopen());
      overtaken.open();
      await Promise.allSettled([late, successor]);
      await expect(successor).resolves.toBe(3);
      expect(await bench.read(goal)).toEqual(ROWS);
      expect(await markerOf(goal)).toEqual({ key: 'key 2', rowCount: 3 });
    });

    it.each([
      ['before the rows', async () => undefined],
      [
        'after the rows',
        (place: OpenPlace<Writer>, owner: SinkOwner) => bench.write(place.writer, { owner, rows: ['x'] }),
      ],
      [
        'after the flush',
        async (place: OpenPlace<Writer>, owner: SinkOwner) => {
          await bench.write(place.writer, { owner, rows: ['x'] });
          await place.flush();
        },
      ],
    ] as const)('has no marker for a write that broke %s', async (_, work) => {
      const [fresh, known] = [freshGoal(), freshGoal()];
      await expect(fail(ownerOf(fresh, 1), (place) => work(place, ownerOf(fresh, 1)))).rejects.toThrow('on purpose');
      expect(await markerOf(fresh)).toBeUndefined();
      await put(ownerOf(known, 2), ROWS);
      await expect(fail(ownerOf(known, 3), (place) => work(place, ownerOf(known, 3)))).rejects.toThrow('on purpose');
      await expectHonest(known);
      await put(ownerOf(known, 4), ['healed']);
      expect(await bench.read(known)).toEqual(['healed']);
    });

    it('keeps what was marked when it crashes then', async () => {
      const goal = freshGoal();
      await put(ownerOf(goal, 1), ROWS);
      await bench.crash();
      const after = await bench.reopen();
      expect(await markerOf(goal, after)).toEqual({ key: 'key 1', rowCount: 3 });
      expect(await bench.read(goal)).toEqual(ROWS);
    });

    it.each(['before its flush', 'before its marker'] as const)(
      'is not complete after a crash %s, and heals with the next write',
      async (moment) => {
        const goal = freshGoal();
        const owner = ownerOf(goal, 1);
        const crashing = bench.sink.replace(owner, async (place) => {
          await bench.write(place.writer, { owner, rows: ROWS });
          if (moment === 'before its marker') await place.flush();
          await bench.crash();
          throw new Error('its process died with it');
        });
        await expect(crashing).rejects.toThrow();
        const after = await bench.reopen();
        expect(await markerOf(goal, after)).toBeUndefined();
        await put(ownerOf(goal, 2), ROWS, after);
        expect(await bench.read(goal)).toEqual(ROWS);
        expect(await markerOf(goal, after)).toEqual({ key: 'key 2', rowCount: 3 });
      },
    );

    /** The former rows under the former marker, or no marker that anybody would believe. */
    async function expectHonest(goal: string): Promise<void> {
      const marker = await markerOf(goal);
      expect(marker?.key).not.toBe('key 3');
      if (marker?.key !== 'key 2' || marker.rowCount !== ROWS.length) return;
      expect(await bench.read(goal)).toEqual(ROWS);
    }
  });
}
