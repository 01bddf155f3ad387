import { describe, expect, it } from 'vitest';
import { PoolGate, type PoolHold } from '../../../src/engine/drive/pool-gate.ts';
import { SlotLease, Slots } from '../../../src/engine/drive/slots.ts';
import type { PoolLease } from '../../../src/engine/records/pools.ts';

const rank = (place: number) => ({ priority: 0, place });

/** A gate whose database and clock are in the test's hands. */
function createGate(size: number) {
  const asked: PoolLease[] = [];
  const givenBack: string[] = [];
  const timers: (() => void)[] = [];
  let hasRoom = true;
  const gate = new PoolGate({
    ...{ pool: 'narrow', size },
    ledger: {
      takeUnits: async (lease) => {
        asked.push(lease);
        return hasRoom;
      },
      giveUnitsBack: async (id) => {
        givenBack.push(id);
        return undefined;
      },
    },
    effects: {
      after: (_, callback) => {
        timers.push(callback);
        return () => undefined;
      },
      warn: () => undefined,
    },
  });
  const admitted: string[] = [];
  const holds = new Map<string, PoolHold>();
  let places = 0;
  return {
    ...{ gate, admitted, asked, givenBack },
    request: (name: string, units = 1): void =>
      gate.request(
        units,
        (hold) => {
          admitted.push(name);
          holds.set(name, hold);
        },
        rank(places++),
      ),
    hold: (name: string): PoolHold => {
      const hold = holds.get(name);
      if (hold === undefined) throw new Error(`${name} was not let through`);
      return hold;
    },
    setRoom: (there: boolean): void => {
      hasRoom = there;
    },
    passTime: (): void => {
      for (const timer of timers.splice(0)) timer();
    },
  };
}

const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('the gate of a pool', () => {
  it('lets through what fits, in order', () => {
    const { admitted, request, hold } = createGate(3);
    request('a', 2);
    request('b', 2);
    request('c', 1);
    expect(admitted).toEqual(['a']);
    hold('a').release();
    expect(admitted).toEqual(['a', 'b', 'c']);
  });

  it('asks again after a while when others hold the units', () => {
    const { admitted, request, hold, passTime } = createGate(2);
    request('a');
    hold('a').refused();
    request('b');
    expect(admitted).toEqual(['a']);
    passTime();
    expect(admitted).toEqual(['a', 'b']);
  });

  it('asks again at once when a holder of its own gives units back', () => {
    const { admitted, request, hold } = createGate(2);
    request('a');
    request('b');
    hold('a').taken();
    hold('b').refused();
    request('c');
    expect(admitted).toEqual(['a', 'b']);
    hold('a').release();
    expect(admitted).toEqual(['a', 'b', 'c']);
  });

  it('counts a refusal once, however many items of a batch hear it', () => {
    const { admitted, request, hold, passTime } = createGate(1);
    request('batch');
    for (let item = 0; item < 5; item++) hold('batch').refused();
    hold('batch').release();
    request('a');
    request('b');
    passTime();
    expect(admitted).toEqual(['batch', 'a']);
  });

  it('names the leases that are to be renewed', () => {
    const { gate, request, hold } = createGate(2);
    request('a');
    expect([...gate.leases]).toEqual([]);
    hold('a').taken();
    expect([...gate.leases]).toEqual([hold('a').lease.id]);
    expect(hold('a').heldLease).toBe(hold('a').lease.id);
    hold('a').release();
    expect([...gate.leases]).toEqual([]);
    expect(hold('a').heldLease).toBeUndefined();
  });
});

describe('a slot', () => {
  it('leaves slot and units while it waits, and comes back before those who never had them', async () => {
    const { admitted, asked, givenBack, gate, request, hold } = createGate(1);
    const slots = new Slots(1);
    const started: string[] = [];
    request('a');
    hold('a').taken();
    const first = hold('a').lease.id;
    let slot: SlotLease | undefined;
    slots.request(
      () => {
        slot = new SlotLease(slots, { rank: rank(0), hold: hold('a') });
      },
      { rank: rank(0) },
    );
    request('b');
    request('c');
    slots.request(() => started.push('other'), { rank: rank(1) });
    slot?.leave();
    // The slot is free at once, the units when the database knows.
    expect([admitted, started, givenBack]).toEqual([['a'], ['other'], [first]]);
    await gate.settled();
    expect(admitted).toEqual(['a', 'b']);
    const coming = slot?.reacquire();
    hold('b').release();
    await settle();
    // The units came first, then it waits for the slot.
    expect([admitted, asked.length]).toEqual([['a', 'b'], 1]);
    slots.release();
    await coming;
    expect(asked[0]?.id).not.toBe(first);
    expect([...gate.leases]).toEqual([asked[0]?.id]);
    slot?.release();
    expect(admitted).toEqual(['a', 'b', 'c']);
  });

  it('that ended while it came back leaves nothing taken', async () => {
    const { admitted, asked, givenBack, gate, request, hold } = createGate(1);
    const slots = new Slots(1);
    request('a');
    hold('a').taken();
    slots.request(() => undefined, { rank: rank(0) });
    const slot = new SlotLease(slots, { rank: rank(0), hold: hold('a') });
    slot.leave();
    const coming = slot.reacquire();
    slot.release();
    await coming;
    await settle();
    expect([...gate.leases]).toEqual([]);
    expect(asked.map(({ id }) => id).filter((id) => !givenBack.includes(id))).toEqual([]);
    request('b');
    expect(admitted).toEqual(['a', 'b']);
    const begun: string[] = [];
    slots.request(() => begun.push('next'), { rank: rank(1) });
    expect(begun).toEqual(['next']);
  });
});
