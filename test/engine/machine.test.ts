import { describe, expect, it } from 'vitest';
import { type Command, LOSSES_MAX, RunMachine } from '../../src/engine/drive/machine.ts';
import type { NewNode } from '../../src/engine/drive/node.ts';

const node = (id: string, needs: readonly string[] = [], given: Partial<NewNode> = {}): NewNode => ({
  id,
  goal: { task: id, params: {} },
  needs,
  attemptsMax: 3,
  ...given,
});
const show = (commands: readonly Command[]): string[] =>
  commands.map((command) =>
    [command.kind, 'id' in command ? command.id : '', 'state' in command ? command.state : '']
      .filter(Boolean)
      .join(' '),
  );

function machineOf(nodes: readonly NewNode[], asked: readonly string[]) {
  const machine = new RunMachine();
  const added = machine.apply({ kind: 'add', nodes, asked });
  return { machine, added };
}

/** Brings a node, whose needs are closed, to the end that is wanted. */
function bring(machine: RunMachine, id: string, end: 'succeeded' | 'cached' | 'failed' | 'skipped' | 'cancelled') {
  if (end === 'cached') return machine.apply({ kind: 'resolved', id, isComplete: true });
  machine.apply({ kind: 'resolved', id, isComplete: false });
  machine.apply({ kind: 'dispatched', id });
  if (end === 'failed') return machine.apply({ kind: 'failed', id, class: 'user', reason: 'broken' });
  if (end === 'succeeded') return machine.apply({ kind: 'succeeded', id });
  return machine.apply({ kind: end === 'skipped' ? 'skipped' : 'aborted', id, reason: 'because' });
}

describe('the machine of a run', () => {
  it('resolves what has no open need, executes what is incomplete, and continues downstream', () => {
    const { machine, added } = machineOf([node('a'), node('b'), node('c', ['a', 'b'])], ['c']);
    expect(show(added)).toEqual(['resolve a', 'resolve b']);
    expect(show(machine.apply({ kind: 'resolved', id: 'a', isComplete: false }))).toEqual(['execute a']);
    expect(show(machine.apply({ kind: 'dispatched', id: 'a' }))).toEqual([]);
    expect(show(machine.apply({ kind: 'succeeded', id: 'a' }))).toEqual([]);
    expect(show(bring(machine, 'b', 'cached'))).toEqual(['ended b cached', 'resolve c']);
    expect(show(bring(machine, 'c', 'succeeded'))).toEqual(['finished succeeded']);
  });

  it('ends a run without goals at once', () => {
    expect(show(machineOf([], []).added)).toEqual(['finished succeeded']);
  });

  describe('how the end of a need travels downstream', () => {
    const ends = ['succeeded', 'cached', 'failed', 'skipped', 'cancelled'] as const;
    const rows = ends.flatMap((left) => ends.map((right) => [left, right] as const));
    it.each(rows)('a %s and a %s need', (left, right) => {
      const { machine } = machineOf([node('left'), node('right'), node('child', ['left', 'right'])], ['child']);
      bring(machine, 'left', left);
      bring(machine, 'right', right);
      const isOpen = [left, right].every((end) => end === 'succeeded' || end === 'cached');
      if (isOpen) bring(machine, 'child', 'succeeded');
      expect(machine.nodes.get('child')?.state).toBe(isOpen ? 'succeeded' : 'skipped');
    });
  });

  describe('the state of a run', () => {
    // The worst that happened decides; skipped only when every requested goal was.
    it.each([
      [['succeeded', 'cached'], 'succeeded'],
      [['succeeded', 'skipped'], 'succeeded'],
      [['skipped', 'skipped'], 'skipped'],
      [['skipped', 'cancelled'], 'cancelled'],
      [['cancelled', 'succeeded'], 'cancelled'],
      [['failed', 'cancelled'], 'failed'],
      [['failed', 'skipped'], 'failed'],
      [['failed', 'succeeded'], 'failed'],
    ] as const)('of goals that ended %j is %s', (ends, state) => {
      const { machine } = machineOf([node('0'), node('1')], ['0', '1']);
      const last = ends.map((end, index) => bring(machine, String(index), end)).at(-1);
      expect(last?.at(-1)).toMatchObject({ kind: 'finished', state });
    });

    it('is failed with the reason of what failed, not of what was skipped for it', () => {
      const { machine } = machineOf([node('a'), node('b', ['a']), node('c', ['b'])], ['c']);
      const commands = bring(machine, 'a', 'failed');
      expect(show(commands)).toEqual(['ended b skipped', 'ended c skipped', 'finished failed']);
      expect(commands.at(-1)).toMatchObject({ reason: 'a(): broken' });
      expect(machine.nodes.get('c')?.reason).toBe('a(), which it needs, failed');
    });
  });

  it('tries again only what failed for a passing reason, and only so often', () => {
    const { machine } = machineOf([node('a')], ['a']);
    const failOnce = () => {
      machine.apply({ kind: 'resolved', id: 'a', isComplete: false });
      machine.apply({ kind: 'dispatched', id: 'a' });
      return machine.apply({ kind: 'failed', id: 'a', class: 'infrastructure', reason: 'gone' });
    };
    expect(failOnce()).toEqual([{ kind: 'retry', id: 'a', failures: 1 }]);
    expect(show(machine.apply({ kind: 'wake', id: 'a' }))).toEqual(['resolve a']);
    expect(failOnce()).toEqual([{ kind: 'retry', id: 'a', failures: 2 }]);
    machine.apply({ kind: 'wake', id: 'a' });
    expect(show(failOnce())).toEqual(['finished failed']);
  });

  it('asks again after a claim was held elsewhere or lost, but not forever', () => {
    const { machine } = machineOf([node('a')], ['a']);
    machine.apply({ kind: 'resolved', id: 'a', isComplete: false });
    machine.apply({ kind: 'dispatched', id: 'a' });
    expect(machine.apply({ kind: 'held', id: 'a' })).toEqual([]);
    expect(machine.nodes.get('a')?.state).toBe('queued');
    expect(show(machine.apply({ kind: 'wake', id: 'a' }))).toEqual(['resolve a']);
    const lose = (): string[] => {
      machine.apply({ kind: 'resolved', id: 'a', isComplete: false });
      machine.apply({ kind: 'dispatched', id: 'a' });
      return show(machine.apply({ kind: 'lost', id: 'a' }));
    };
    for (let losses = 1; losses < LOSSES_MAX; losses++) expect(lose()).toEqual(['resolve a']);
    expect(lose()).toEqual(['ended a failed', 'finished failed']);
  });

  it('cancels what waits at once, aborts what runs, and ends when that has ended', () => {
    const { machine } = machineOf([node('a'), node('b'), node('c', ['a'])], ['b', 'c']);
    machine.apply({ kind: 'resolved', id: 'a', isComplete: false });
    machine.apply({ kind: 'dispatched', id: 'a' });
    const commands = machine.apply({ kind: 'cancel', reason: 'by hand' });
    expect(show(commands)).toEqual(['abort a', 'ended b cancelled', 'ended c cancelled']);
    expect(machine.apply({ kind: 'cancel', reason: 'again' })).toEqual([]);
    expect(machine.apply({ kind: 'resolved', id: 'b', isComplete: false })).toEqual([]);
    expect(machine.apply({ kind: 'aborted', id: 'a', reason: 'by hand' })).toEqual([
      { kind: 'finished', state: 'cancelled', reason: 'by hand' },
    ]);
  });

  it('lets a success stand that came before the abort', () => {
    const { machine } = machineOf([node('a')], ['a']);
    machine.apply({ kind: 'resolved', id: 'a', isComplete: false });
    machine.apply({ kind: 'dispatched', id: 'a' });
    machine.apply({ kind: 'cancel', reason: 'too late' });
    expect(show(machine.apply({ kind: 'succeeded', id: 'a' }))).toEqual(['finished succeeded']);
  });

  it('does not try again after a cancel', () => {
    const { machine } = machineOf([node('a')], ['a']);
    machine.apply({ kind: 'resolved', id: 'a', isComplete: false });
    machine.apply({ kind: 'dispatched', id: 'a' });
    machine.apply({ kind: 'cancel', reason: 'by hand' });
    const commands = machine.apply({ kind: 'failed', id: 'a', class: 'infrastructure', reason: 'gone' });
    expect(show(commands)).toEqual(['ended a cancelled', 'finished cancelled']);
  });

  it('answers a need at once when its goal has ended, later when not', () => {
    const { machine } = machineOf([node('a'), node('b'), node('c')], ['a', 'b', 'c']);
    bring(machine, 'b', 'cached');
    machine.apply({ kind: 'resolved', id: 'a', isComplete: false });
    machine.apply({ kind: 'dispatched', id: 'a' });
    expect(machine.apply({ kind: 'needed', id: 'b', by: 'a' })).toEqual([{ kind: 'answer', id: 'b', by: 'a' }]);
    expect(machine.apply({ kind: 'needed', id: 'c', by: 'a' })).toEqual([]);
    expect(bring(machine, 'c', 'failed')).toEqual([{ kind: 'answer', id: 'c', by: 'a' }]);
  });

  it('refuses a need that closes a cycle, through static needs and runtime needs', () => {
    const { machine } = machineOf([node('a'), node('b'), node('c', ['b'])], ['a', 'c']);
    for (const id of ['a', 'b']) {
      machine.apply({ kind: 'resolved', id, isComplete: false });
      machine.apply({ kind: 'dispatched', id });
    }
    expect(machine.apply({ kind: 'needed', id: 'a', by: 'a' })).toMatchObject([
      { kind: 'refuse', cycle: ['a()', 'a()'] },
    ]);
    expect(machine.apply({ kind: 'needed', id: 'c', by: 'a' })).toEqual([{ kind: 'suspend', by: 'a' }]);
    expect(machine.apply({ kind: 'needed', id: 'a', by: 'b' })).toMatchObject([
      { kind: 'refuse', by: 'b', cycle: ['b()', 'a()', 'c()', 'b()'] },
    ]);
  });

  it('takes up what ended before a crash as it ended', () => {
    const ended = { state: 'skipped', reason: 'nothing new' } as const;
    const { machine, added } = machineOf([node('a', [], { ended }), node('b', ['a']), node('c')], ['b', 'c']);
    expect(show(added)).toEqual(['ended b skipped', 'resolve c']);
    expect(show(bring(machine, 'c', 'cached'))).toEqual(['ended c cached', 'finished succeeded']);
  });

  it('works through a chain of ten thousand without a deep stack', () => {
    const nodes = Array.from({ length: 10_000 }, (_, index) => node(`${index}`, index === 0 ? [] : [`${index - 1}`]));
    const { machine } = machineOf(nodes, ['9999']);
    const commands = bring(machine, '0', 'failed');
    expect(commands).toHaveLength(10_000);
    expect(commands.at(-1)).toMatchObject({ kind: 'finished', state: 'failed' });
  });

  it('does the same work for a ready goal whatever the number of blocked ones', () => {
    const blocked = Array.from({ length: 50_000 }, (_, index) => node(`blocked ${index}`, ['gate']));
    const { machine, added } = machineOf([node('gate'), node('ready'), ...blocked], ['ready']);
    expect(added).toHaveLength(2);
    expect(show(machine.apply({ kind: 'resolved', id: 'ready', isComplete: false }))).toEqual(['execute ready']);
  });
});

describe('bytes that are not what was made', () => {
  const spoil = (machine: RunMachine, id: string, maker: string) =>
    show(machine.apply({ kind: 'spoiled', id, maker, reason: 'damaged' }));

  function reading(given: Partial<NewNode> = {}) {
    const nodes = [node('maker'), node('reader', ['maker'], given), node('other', ['maker']), node('last', ['reader'])];
    const { machine } = machineOf(nodes, ['last', 'other']);
    bring(machine, 'maker', 'cached');
    machine.apply({ kind: 'resolved', id: 'reader', isComplete: false });
    machine.apply({ kind: 'dispatched', id: 'reader' });
    return machine;
  }

  it('are made again, and the goal that read them waits and is resolved again', () => {
    const machine = reading();
    expect(spoil(machine, 'reader', 'maker')).toEqual(['resolve maker']);
    expect(machine.nodes.get('reader')).toMatchObject({ phase: 'blocked', state: 'queued' });
    expect(show(bring(machine, 'maker', 'succeeded'))).toEqual(['resolve reader']);
    bring(machine, 'reader', 'succeeded');
    bring(machine, 'last', 'succeeded');
    expect(show(bring(machine, 'other', 'cached'))).toEqual(['ended other cached', 'finished succeeded']);
  });

  it('let those continue that have not read them', () => {
    const machine = reading();
    spoil(machine, 'reader', 'maker');
    expect(show(bring(machine, 'other', 'succeeded'))).toEqual([]);
    expect(machine.nodes.get('other')?.state).toBe('succeeded');
    expect(show(bring(machine, 'maker', 'cached'))).toEqual(['ended maker cached', 'resolve reader']);
  });

  it('are made again once for two goals that read them', () => {
    const machine = reading();
    machine.apply({ kind: 'resolved', id: 'other', isComplete: false });
    machine.apply({ kind: 'dispatched', id: 'other' });
    expect(spoil(machine, 'reader', 'maker')).toEqual(['resolve maker']);
    expect(spoil(machine, 'other', 'maker')).toEqual([]);
    expect(show(bring(machine, 'maker', 'succeeded'))).toEqual(['resolve reader', 'resolve other']);
  });

  it('leave the reader skipped when they cannot be made again, and cancelled when the run is', () => {
    const failing = reading();
    spoil(failing, 'reader', 'maker');
    bring(failing, 'maker', 'failed');
    expect(failing.nodes.get('reader')?.state).toBe('skipped');
    const cancelled = reading();
    cancelled.apply({ kind: 'cancel', reason: 'enough' });
    spoil(cancelled, 'reader', 'maker');
    expect(cancelled.nodes.get('reader')).toMatchObject({ state: 'cancelled', reason: 'enough' });
    expect(cancelled.nodes.get('maker')?.state).toBe('cached');
  });

  it('end in failure when it happens again and again', () => {
    const machine = reading();
    for (let times = 1; times < LOSSES_MAX; times++) {
      spoil(machine, 'reader', 'maker');
      bring(machine, 'maker', 'succeeded');
      machine.apply({ kind: 'resolved', id: 'reader', isComplete: false });
      machine.apply({ kind: 'dispatched', id: 'reader' });
    }
    expect(spoil(machine, 'reader', 'maker')).toEqual(['ended reader failed', 'ended last skipped']);
  });
});
