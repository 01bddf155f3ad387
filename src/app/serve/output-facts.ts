import { linksOfOutput } from '#pipelines';
import type { OutputFacts, OutputQuestion } from '#server';
import type { Wiring } from './wire.ts';

/** What a project says of the outputs of its tasks: the table of their rows, and where Weir's own are shown. */
export function outputFacts({ tasks, project }: Pick<Wiring, 'tasks' | 'project'>) {
  return (question: OutputQuestion): OutputFacts => ({
    table: tasks.find(({ name }) => name === question.task)?.outputs[question.output]?.table,
    links: project.contract === undefined ? [] : linksOfOutput(question),
  });
}
