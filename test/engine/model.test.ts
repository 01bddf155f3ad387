import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Goal, getRun, type Pipeline } from '#engine';
import { propertyRuns } from '../kills/choose-kills.ts';
import { emptyTables } from '../postgres/empty-tables.ts';
import {
  type CrashableEngine,
  createStepWorld,
  defineStep,
  type Mode,
  openCrashable,
  STEPS,
  type StepWorld,
} from './fixtures/model-world.ts';
import { createWorkbench, type Workbench } from './fixtures/workbench.ts';

/** What the engine must know, and nothing else: which steps are complete, and what each will do. */
interface Model {
  readonly complete: Set<string>;
  readonly modes: Map<string, Mode>;
}

interface Real {
  readonly bench: Workbench;
  readonly world: StepWorld;
  asked: readonly Goal[];
  readonly step: ReturnType<typeof defineStep>;
  readonly reopen: () => CrashableEngine;
  open: CrashableEngine;
}

const NAMES = Object.keys(STEPS);

/** How each step ends when these are asked for: needs before those who need them. */
function predict(model: Model, asked: readonly string[]) {
  const states = new Map<string, 'succeeded' | 'cached' | 'failed' | 'skipped'>();
  const visit = (name: string): void => {
    if (states.has(name)) return;
    const needs = STEPS[name] ?? [];
    for (const need of needs) visit(need);
    const isBroken = needs.some((need) => ['failed', 'skipped'].includes(states.get(need) ?? ''));
    const mode = model.modes.get(name) ?? 'succeed';
    if (isBroken) states.set(name, 'skipped');
    else if (model.complete.has(name)) states.set(name, 'cached');
    else states.set(name, mode === 'fail' ? 'failed' : mode === 'skip' ? 'skipped' : 'succeeded');
  };
  for (const name of asked) visit(name);
  const ends = [...states.values()];
  const run = ends.includes('failed')
    ? 'failed'
    : asked.every((name) => states.get(name) === 'skipped')
      ? 'skipped'
      : 'succeeded';
  return { states, run };
}

/** What is complete afterwards, and what will not fail a second time. */
function learn(model: Model, states: ReadonlyMap<string, string>): void {
  for (const [name, state] of states) {
    if (state === 'succeeded') model.complete.add(name);
    if (state === 'succeeded' && model.modes.get(name) === 'flaky') model.modes.set(name, 'succeed');
  }
}

async function start(real: Real, asked: readonly string[]): Promise<string> {
  real.asked = asked.map((name) => real.step.goal({ name }));
  return (await real.open.engine.start({ pipeline: 'steps', trigger: 'manual' })).runId;
}

async function statesOf(real: Real, runId: string): Promise<ReadonlyMap<string, string>> {
  const run = await getRun(real.bench.database, runId);
  return new Map((run?.taskRuns ?? []).map(({ params, state }) => [String(params.name), state]));
}

/** Steps that are computed at least once, whatever becomes of them. */
const computedIn = (states: ReadonlyMap<string, string>, model: Model): readonly string[] =>
  [...states]
    .filter(([name, state]) => {
      if (state === 'succeeded' || state === 'failed') return true;
      const isReached = (STEPS[name] ?? []).every((need) => ['succeeded', 'cached'].includes(states.get(need) ?? ''));
      return state === 'skipped' && isReached && model.modes.get(name) === 'skip';
    })
    .map(([name]) => name);

abstract class Command implements fc.AsyncCommand<Model, Real> {
  readonly asked: readonly string[];
  constructor(asked: readonly string[]) {
    this.asked = asked;
  }
  check(): boolean {
    return true;
  }
  abstract run(model: Model, real: Real): Promise<void>;
  toString(): string {
    return `${this.constructor.name}(${this.asked.join(', ')})`;
  }
}

class SetMode extends Command {
  readonly mode: Mode;
  constructor(name: string, mode: Mode) {
    super([name]);
    this.mode = mode;
  }
  async run(model: Model, { world }: Real): Promise<void> {
    for (const name of this.asked) {
      model.modes.set(name, this.mode);
      world.modes.set(name, this.mode);
    }
  }
  override toString(): string {
    return `SetMode(${this.asked[0]}, ${this.mode})`;
  }
}

class Run extends Command {
  async run(model: Model, real: Real): Promise<void> {
    const expected = predict(model, this.asked);
    const before = new Map(real.world.computed);
    const flaky = new Set(NAMES.filter((name) => model.modes.get(name) === 'flaky'));
    const runId = await start(real, this.asked);
    expect(await real.open.engine.finished(runId)).toBe(expected.run);
    expect(await statesOf(real, runId)).toEqual(expected.states);
    const due = computedIn(expected.states, model);
    for (const name of NAMES) {
      const times = (real.world.computed.get(name) ?? 0) - (before.get(name) ?? 0);
      expect([name, times]).toEqual([name, due.includes(name) ? (flaky.has(name) ? 2 : 1) : 0]);
    }
    learn(model, expected.states);
  }
}

/** Two runs at once on one engine: what both need is computed once. */
class RunTwice extends Command {
  async run(model: Model, real: Real): Promise<void> {
    const expected = predict(model, this.asked);
    const before = new Map(real.world.computed);
    const first = await start(real, this.asked);
    const second = await start(real, this.asked);
    const ends = await Promise.all([first, second].map((id) => real.open.engine.finished(id)));
    expect(ends).toEqual([expected.run, expected.run]);
    for (const [name, state] of expected.states) {
      if (state !== 'succeeded' || model.modes.get(name) === 'flaky') continue;
      expect([name, (real.world.computed.get(name) ?? 0) - (before.get(name) ?? 0)]).toEqual([name, 1]);
    }
    learn(model, expected.states);
  }
}

/** The engine is gone when the n-th step begins; another takes the run up. */
class CrashDuring extends Command {
  readonly nth: number;
  constructor(asked: readonly string[], nth: number) {
    super(asked);
    this.nth = nth;
  }
  async run(model: Model, real: Real): Promise<void> {
    const expected = predict(model, this.asked);
    let begun = 0;
    let crash: () => void = () => undefined;
    const crashing = new Promise<void>((resolve) => {
      crash = resolve;
    });
    real.world.onBegin = () => {
      if (++begun < this.nth) return undefined;
      crash();
      return new Promise<never>(() => undefined);
    };
    const runId = await start(real, this.asked);
    const ended = real.open.engine.finished(runId).then(
      () => 'ended',
      () => 'ended',
    );
    if ((await Promise.race([crashing.then(() => 'crashed'), ended])) === 'crashed') {
      await real.open.crash();
      real.world.running.clear();
      real.open = real.reopen();
    }
    real.world.onBegin = () => undefined;
    await real.open.engine.recover();
    expect(await real.open.engine.finished(runId)).toBe(expected.run);
    const states = await statesOf(real, runId);
    for (const [name, state] of expected.states) {
      // What was committed before the crash is found complete by the one after.
      const allowed = state === 'succeeded' ? ['succeeded', 'cached'] : [state];
      expect(allowed, name).toContain(states.get(name));
    }
    learn(model, expected.states);
  }
  override toString(): string {
    return `CrashDuring(${this.asked.join(', ')}; at ${this.nth})`;
  }
}

/** The run is cancelled when the n-th step begins. */
class CancelDuring extends Command {
  readonly nth: number;
  constructor(asked: readonly string[], nth: number) {
    super(asked);
    this.nth = nth;
  }
  async run(model: Model, real: Real): Promise<void> {
    const expected = predict(model, this.asked);
    let begun = 0;
    let reach: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    real.world.onBegin = () => {
      if (++begun < this.nth) return undefined;
      reach();
      return new Promise<never>(() => undefined);
    };
    const runId = await start(real, this.asked);
    const ended = real.open.engine.finished(runId);
    const isReached = await Promise.race([reached.then(() => true), ended.then(() => false)]);
    if (isReached) await real.open.engine.cancel(runId, 'the test says so');
    const state = await ended;
    real.world.onBegin = () => undefined;
    // An aborted step of an inline executor goes on waiting; nothing hears it.
    real.world.running.clear();
    const states = await statesOf(real, runId);
    if (!isReached) expect([state, states]).toEqual([expected.run, expected.states]);
    else {
      expect([...states.values()]).toContain('cancelled');
      expect(state).toBe([...states.values()].includes('failed') ? 'failed' : 'cancelled');
    }
    learn(model, states);
  }
  override toString(): string {
    return `CancelDuring(${this.asked.join(', ')}; at ${this.nth})`;
  }
}

class Restart extends Command {
  async run(_: Model, real: Real): Promise<void> {
    await real.open.close();
    real.open = real.reopen();
    await real.open.engine.recover();
  }
}

/** Somebody removes the bytes of a step behind the engine's back. */
class Remove extends Command {
  override check(): boolean {
    return true;
  }
  async run(model: Model, { bench }: Real): Promise<void> {
    const found = await bench.database.query<{ name: string; digest: string }>(
      `select params ->> 'name' as name, outputs -> 'bytes' ->> 'digest' as digest from manifests`,
    );
    for (const { name, digest } of found) {
      if (!this.asked.includes(name)) continue;
      await bench.artifacts.delete(digest);
      model.complete.delete(name);
    }
  }
}

const name = fc.constantFrom(...NAMES);
const asked = fc.uniqueArray(name, { minLength: 1, maxLength: 3 });
const nth = fc.integer({ min: 1, max: 5 });
const mode = fc.constantFrom<Mode>('succeed', 'succeed', 'fail', 'skip', 'flaky');
const commands = fc.commands(
  [
    fc.tuple(name, mode).map(([one, does]) => new SetMode(one, does)),
    asked.map((names) => new Run(names)),
    asked.map((names) => new RunTwice(names)),
    fc.tuple(asked, nth).map(([names, at]) => new CrashDuring(names, at)),
    fc.tuple(asked, nth).map(([names, at]) => new CancelDuring(names, at)),
    fc.constant(new Restart([])),
    name.map((one) => new Remove([one])),
  ],
  { maxCommands: 14 },
);

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.close());

async function createReal(): Promise<Real> {
  await emptyTables(bench.database);
  for await (const { digest } of bench.artifacts.list()) await bench.artifacts.delete(digest);
  const world = createStepWorld();
  const step = defineStep(world);
  const pipeline: Pipeline = {
    name: 'steps',
    description: 'Asks for what the test asks for.',
    plan: async () => ({ kind: 'run', goals: real.asked, params: {} }),
  };
  const reopen = (): CrashableEngine => openCrashable(bench, { tasks: [step], pipeline });
  const real: Real = { bench, world, step, reopen, asked: [], open: reopen() };
  return real;
}

describe('an engine', () => {
  it('computes what its simple model says, once each, through failures, cancels, crashes and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (given) => {
        const real = await createReal();
        try {
          await fc.asyncModelRun(
            () => ({ model: { complete: new Set<string>(), modes: new Map<string, Mode>() }, real }),
            given,
          );
        } finally {
          await real.open.close();
        }
        for (const table of ['claims', "runs where state in ('queued', 'running') or settled_at is null"])
          expect(await bench.database.query(`select * from ${table}`)).toEqual([]);
      }),
      { numRuns: propertyRuns(60) },
    );
  });
});
