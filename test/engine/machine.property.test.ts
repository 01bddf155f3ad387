import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunsWhen } from '#engine';
import { type Cause, effectOf, isWorse } from '../../src/engine/define/states.ts';
import { type Command, RunMachine } from '../../src/engine/drive/machine.ts';
import { propertyRuns } from '../kills/choose-kills.ts';

/** What one goal of a made-up run is and does. It needs goals before it only, so there is no cycle. */
interface Plot {
  readonly rule: RunsWhen;
  readonly inputs: readonly number[];
  /** Found by reading the inputs. */
  readonly found: readonly number[];
  /** Needed by the attempt, in this order. */
  readonly needed: readonly number[];
  readonly end: 'succeeded' | 'cached' | 'failed' | 'skipped';
  /** How often it is parked, at most, when it would have to wait for work. */
  readonly parks: number;
  /** How often its claim is found taken. */
  readonly holds: number;
  /** How often its attempt vanishes. */
  readonly losses: number;
}

const below = (index: number): fc.Arbitrary<readonly number[]> =>
  index === 0 ? fc.constant([]) : fc.uniqueArray(fc.nat(index - 1), { maxLength: 3 });
const plotAt = (index: number): fc.Arbitrary<Plot> =>
  fc.record({
    rule: fc.constantFrom<RunsWhen>('all-succeeded', 'all-succeeded', 'none-failed', 'all-ended'),
    inputs: below(index),
    found: below(index),
    needed: below(index),
    end: fc.constantFrom<Plot['end']>('succeeded', 'succeeded', 'succeeded', 'cached', 'failed', 'skipped'),
    parks: fc.nat(2),
    holds: fc.nat(1),
    losses: fc.nat(1),
  });
const plots = fc
  .integer({ min: 1, max: 12 })
  .chain((size) => fc.tuple(...Array.from({ length: size }, (_, i) => plotAt(i))));

interface End {
  readonly state: string;
  readonly cause: Cause | undefined;
}

/** What must become of each goal, however its run goes. */
function oracle(given: readonly Plot[]): readonly End[] {
  const ends: End[] = [];
  for (const plot of given) ends.push(endOf(plot, ends));
  return ends;
}

function endOf(plot: Plot, ends: readonly End[]): End {
  const obstacleIn = (needs: readonly number[]): Cause | undefined => {
    let worst: Cause | undefined;
    for (const need of needs) {
      const cause = ends[need]?.cause;
      if (cause !== undefined && effectOf(plot.rule, cause) === 'skipped' && isWorse(cause, worst)) worst = cause;
    }
    return worst;
  };
  const obstacle = obstacleIn(plot.inputs) ?? obstacleIn(plot.found);
  if (obstacle !== undefined) return { state: 'skipped', cause: obstacle };
  if (plot.end === 'cached') return { state: 'cached', cause: undefined };
  const refused = plot.needed.map((need) => ends[need]?.cause).find((cause) => cause !== undefined);
  if (refused !== undefined) return { state: 'skipped', cause: refused };
  return { state: plot.end, cause: plot.end === 'succeeded' ? undefined : plot.end };
}

/** Performs the commands of a machine in an order of its own choice. */
class Driver {
  readonly machine = new RunMachine();
  readonly #plots: readonly Plot[];
  readonly #choose: () => number;
  /** Work that may be done next, in any order. */
  readonly #open: (() => void)[] = [];
  readonly #left: { parks: number; holds: number; losses: number }[];
  /** The need that an attempt waits for, and whether somebody has to work for it. */
  readonly #waiting = new Map<number, { readonly need: number; readonly place: number }>();
  finished: Command | undefined;

  constructor(given: readonly Plot[], choose: () => number) {
    this.#plots = given;
    this.#choose = choose;
    this.#left = given.map(({ parks, holds, losses }) => ({ parks, holds, losses }));
  }

  run(): void {
    const nodes = this.#plots.map(({ inputs, rule, found }, index) => ({
      ...{
        id: String(index),
        goal: { task: 'goal', params: { index } },
        needs: inputs.map(String),
        attemptsMax: 1,
        runsWhen: rule,
      },
      isExpandable: found.length > 0,
    }));
    this.#apply({ kind: 'add', nodes, asked: nodes.map(({ id }) => id) });
    while (this.#open.length > 0) {
      const [work] = this.#open.splice(this.#choose() % this.#open.length, 1);
      work?.();
    }
  }

  #apply(event: Parameters<RunMachine['apply']>[0]): void {
    for (const command of this.machine.apply(event)) this.#perform(command);
  }

  #perform(command: Command): void {
    switch (command.kind) {
      case 'expand':
        this.#open.push(() =>
          this.#apply({ kind: 'expanded', id: command.id, needs: this.#plot(command.id).found.map(String) }),
        );
        return;
      case 'resolve':
        this.#open.push(() =>
          this.#apply({ kind: 'resolved', id: command.id, isComplete: this.#plot(command.id).end === 'cached' }),
        );
        return;
      case 'execute':
        this.#open.push(() => this.#begin(Number(command.id)));
        return;
      case 'answer':
        this.#open.push(() => this.#hear(Number(command.by), command.id));
        return;
      case 'suspend':
        this.#open.push(() => this.#park(Number(command.by)));
        return;
      case 'finished':
        this.finished = command;
        return;
      case 'ended':
        return;
      default:
        throw new Error(`Nothing here should cause ${command.kind}.`);
    }
  }

  #begin(index: number): void {
    const id = String(index);
    const left = this.#left[index];
    if (this.machine.nodes.get(id)?.phase !== 'ready' || left === undefined) return;
    this.#apply({ kind: 'dispatched', id });
    if (left.holds-- > 0) {
      this.#apply({ kind: 'held', id });
      this.#open.push(() => this.#apply({ kind: 'wake', id }));
    } else if (left.losses-- > 0) this.#apply({ kind: 'lost', id });
    else this.#goOn(index, 0);
  }

  #goOn(index: number, place: number): void {
    const id = String(index);
    const need = this.#plots[index]?.needed[place];
    if (need !== undefined) {
      this.#waiting.set(index, { need, place });
      this.#apply({ kind: 'needed', id: String(need), by: id });
      return;
    }
    const { end } = this.#plot(id);
    if (end === 'failed') this.#apply({ kind: 'failed', id, class: 'user', reason: 'broken' });
    else if (end === 'skipped') this.#apply({ kind: 'skipped', id, reason: 'nothing to do' });
    else this.#apply({ kind: 'succeeded', id });
  }

  #hear(index: number, need: string): void {
    const waiting = this.#waiting.get(index);
    // It was parked meanwhile, or this answers an earlier attempt.
    if (waiting === undefined || String(waiting.need) !== need) return;
    this.#waiting.delete(index);
    const cause = this.machine.nodes.get(need)?.cause;
    if (cause === undefined) this.#goOn(index, waiting.place + 1);
    else this.#apply({ kind: 'skipped', id: String(index), reason: 'refused', cause });
  }

  #park(index: number): void {
    const left = this.#left[index];
    if (left === undefined || left.parks-- <= 0 || !this.#waiting.delete(index)) return;
    this.#apply({ kind: 'parked', id: String(index) });
  }

  #plot(id: string): Plot {
    const plot = this.#plots[Number(id)];
    if (plot === undefined) throw new Error(`There is no goal ${id}.`);
    return plot;
  }
}

describe('the machine of a run, over graphs with all kinds of needs, in any order of events', () => {
  it('comes to an end, and every goal to the one that the tables say', () => {
    fc.assert(
      fc.property(plots, fc.infiniteStream(fc.nat(1_000)), (given, choices) => {
        const driver = new Driver(given, () => choices.next().value ?? 0);
        driver.run();
        const expected = oracle(given);
        const ends = given.map((_, index) => {
          const node = driver.machine.nodes.get(String(index));
          return { state: node?.state, cause: node?.cause };
        });
        expect(ends).toEqual(expected);
        const hasFailed = expected.some(({ state }) => state === 'failed');
        const isSkipped = expected.every(({ state }) => state === 'skipped');
        expect(driver.finished).toMatchObject({ state: hasFailed ? 'failed' : isSkipped ? 'skipped' : 'succeeded' });
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });
});
