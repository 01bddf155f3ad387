import { createRegistry } from '../src/engine/define/registry.ts';
import { RunMachine } from '../src/engine/drive/machine.ts';
import { planGoals } from '../src/engine/resolve/graph.ts';
import { chainBesideBlocked, tasks } from './engine-tasks.ts';

const LINKS = 1_000;

/** How long the scheduler alone takes from the end of one link to the command that starts the next, in milliseconds. */
export function measureDecisions(blocked: number): readonly number[] {
  const { planned, asked } = planGoals(chainBesideBlocked(LINKS, blocked), { registry: createRegistry(tasks) });
  const machine = new RunMachine();
  const nodes = planned.map(({ id, goal, needs }) => ({ id, goal, needs, attemptsMax: 3 }));
  machine.apply({ kind: 'add', nodes, asked });
  const links = planned.filter(({ goal }) => goal.task === 'link').map(({ id }) => id);
  const decisionMs: number[] = [];
  for (const id of links) {
    machine.apply({ kind: 'resolved', id, isComplete: false });
    machine.apply({ kind: 'dispatched', id });
    const started = performance.now();
    const commands = machine.apply({ kind: 'succeeded', id });
    decisionMs.push(performance.now() - started);
    if (id !== links.at(-1) && commands[0]?.kind !== 'resolve')
      throw new Error(`Expected the next link to be asked for; got ${JSON.stringify(commands)}.`);
  }
  return decisionMs;
}
