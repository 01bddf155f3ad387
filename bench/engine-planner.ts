import { createRegistry } from '../src/engine/define/registry.ts';
import { type Command, RunMachine } from '../src/engine/drive/machine.ts';
import { planGoals } from '../src/engine/resolve/graph.ts';
import type { PlannerFigures } from './engine-figures.ts';
import { goalsOf, type Shape, tasks } from './engine-tasks.ts';
import { usedSeconds } from './processor-time.ts';

/** Plans a graph and leads it through the scheduler until it has ended; every attempt succeeds at once. */
export function measurePlanner(shape: Shape, size: number): PlannerFigures {
  const given = goalsOf(shape, size);
  const started = performance.now();
  const startedProcessor = usedSeconds();
  const { planned, asked } = planGoals(given, { registry: createRegistry(tasks) });
  const machine = new RunMachine();
  const nodes = planned.map(({ id, goal, needs }) => ({ id, goal, needs, attemptsMax: 3 }));
  const commands: Command[] = [...machine.apply({ kind: 'add', nodes, asked })];
  let isFinished = false;
  for (let next = 0; next < commands.length; next++) {
    const command = commands[next];
    if (command?.kind === 'resolve')
      commands.push(...machine.apply({ kind: 'resolved', id: command.id, isComplete: false }));
    else if (command?.kind === 'execute') {
      machine.apply({ kind: 'dispatched', id: command.id });
      commands.push(...machine.apply({ kind: 'succeeded', id: command.id }));
    } else if (command?.kind === 'finished') isFinished = true;
  }
  const seconds = (performance.now() - started) / 1000;
  const processorSeconds = usedSeconds() - startedProcessor;
  if (!isFinished) throw new Error('The run of the planner did not finish.');
  return { goals: planned.length, seconds, processorSeconds };
}
