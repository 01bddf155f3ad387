import {
  type AnyTask,
  type AsOf,
  type BlobInput,
  describeGoal,
  explainGoal,
  type FileReceipt,
  type Goal,
  openVersions,
  type RowsReceipt,
  type Task,
} from '#engine';
import { toCountText } from '#store';
import { UsageError } from '../../../project/errors.ts';
import { withProject } from '../../../serve/open-project.ts';
import type { OpenedProject } from '../../../serve/start-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { copyOut } from '../../copy-out.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { parseGoal } from '../../parse-goal.ts';
import { toText as explanationText } from '../explain/run.ts';
import { tableText } from './table-text.ts';

export interface ResultFlags extends ProjectFlags {
  readonly params?: string;
  /** One output of several. */
  readonly name?: string;
  readonly asOf?: AsOf;
  /** Where the bytes of a blob or a file are copied to. */
  readonly output?: string;
}

/** One output, as text and as JSON. */
type OutputSummary =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'blob' | 'file'; readonly path: string; readonly sizeBytes: number; readonly digest: string }
  | { readonly kind: 'rows'; readonly rowCount: number; readonly sink: string | null };

/** Prints the present result of a goal, or one of its versions. Exit code 1 when there is none, with the reasons. */
export function showResult(text: string, options: InProject<ResultFlags>): Promise<number> {
  const goal = parseGoal(text, options.params);
  return withProject('project', options, async (project) => {
    const at = options.asOf ?? (await presentVersion(goal, { ...options, project }));
    if (at === undefined) return EXIT_CODES.failed;
    const { wiring } = project;
    const read = await openVersions(wiring).readAsOf(goal, at);
    const { version, runId, committedAt } = read.version;
    const outputs = await summariseOutputs(read.outputs, { task: taskOf(goal, wiring.tasks), name: options.name });
    if (options.output !== undefined) return copyOutput(outputs, { ...options, output: options.output });
    const head = { goal: { ...read.version.goal }, version, runId, at: committedAt };
    options.print(
      options.json ? `${JSON.stringify({ ...head, outputs: Object.fromEntries(outputs) })}\n` : toText(outputs),
    );
    return EXIT_CODES.done;
  });
}

/** The version that is valid for the goal now. When there is none it prints why, and which older ones exist. */
async function presentVersion(
  goal: Goal,
  { project: { wiring }, json, print, warn, show }: InProject<ResultFlags> & { readonly project: OpenedProject },
): Promise<AsOf | undefined> {
  const explanation = await show(`Looking at ${describeGoal(goal)}`, () => explainGoal(wiring, goal));
  const [first] = explanation.goals;
  if (first?.state === 'complete' && first.result !== null) return { version: first.result.version };
  const older = first?.result;
  if (json) print(`${JSON.stringify({ goal, version: null, explanation })}\n`);
  const hint = older == null ? '' : `An older result is stored; print it with --as-of ${older.version}\n`;
  warn(`There is no result of ${describeGoal(goal)} that is valid now.\n${explanationText(explanation)}${hint}`);
  return undefined;
}

function taskOf(goal: Goal, tasks: readonly AnyTask[]): AnyTask {
  const task = tasks.find(({ name, formerNames }) => name === goal.task || formerNames.includes(goal.task));
  if (task === undefined) throw new UsageError('task_unknown', `No task is named ${goal.task}.`);
  return task;
}

type Outputs = readonly (readonly [name: string, output: OutputSummary])[];

async function summariseOutputs(
  read: Readonly<Record<string, unknown>>,
  { task, name }: { readonly task: AnyTask; readonly name: string | undefined },
): Promise<Outputs> {
  const names = Object.keys(read);
  if (name !== undefined && !names.includes(name))
    throw new UsageError('output_unknown', `Expected an output of ${task.name} (${names.join(', ')}); got ${name}.`);
  const wanted = name === undefined ? names : [name];
  return Promise.all(
    wanted.map(async (each) => [each, await toSummary(task.outputs[each]?.kind, read[each])] as const),
  );
}

/** The value has the type that its output declares. */
async function toSummary(kind: Task['outputs'][string]['kind'] | undefined, read: unknown): Promise<OutputSummary> {
  switch (kind) {
    case 'blob': {
      const { sizeBytes, digest, ...blob } = read as BlobInput;
      return { kind, path: await blob.path(), sizeBytes, digest };
    }
    case 'file': {
      const { path: place, sizeBytes, digest } = read as FileReceipt;
      return { kind, path: place, sizeBytes, digest };
    }
    case 'rows': {
      const { rowCount, sink = null } = read as RowsReceipt;
      return { kind, rowCount, sink };
    }
    default:
      return { kind: 'value', value: read };
  }
}

async function copyOutput(
  outputs: Outputs,
  options: InProject<ResultFlags> & { readonly output: string },
): Promise<number> {
  const { output, json, print } = options;
  const files = outputs.flatMap(([name, output]) => ('path' in output ? [{ name, ...output }] : []));
  const [file, ...others] = files;
  if (file === undefined || others.length > 0) {
    const found = outputs.map(([name, { kind }]) => `${name} (${kind})`).join(', ');
    throw new UsageError(
      'output_unknown',
      `Expected one output with bytes to copy to ${output}: a blob or a file, chosen with --name. There is: ${found}.`,
    );
  }
  const place = await copyOut(file.path, output);
  print(
    json ? `${JSON.stringify({ ...file, copiedTo: place })}\n` : `${file.name}: ${file.sizeBytes} bytes in ${place}\n`,
  );
  return EXIT_CODES.done;
}

function toText(outputs: Outputs): string {
  return printable(outputs.map(([name, output]) => outputText(name, output)).join(''));
}

function outputText(name: string, output: OutputSummary): string {
  switch (output.kind) {
    case 'value': {
      const table = tableText(output.value);
      if (table !== undefined) return `${name}: ${table}`;
      return `${name}: ${JSON.stringify(output.value, undefined, 2)}\n`;
    }
    case 'rows':
      return `${name}: ${toCountText(output.rowCount, 'row')} in ${output.sink === null ? "Weir's own database" : `sink ${output.sink}`}\n`;
    case 'blob':
    case 'file':
      return `${name}: ${output.path} (${output.sizeBytes.toLocaleString('en-US')} bytes)\n`;
    default:
      return output satisfies never;
  }
}
