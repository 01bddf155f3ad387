import { parseSync, Visitor } from 'rolldown/utils';

/** The function whose calls make tasks. */
const DEFINE_TASK = 'defineTask';

interface Edit {
  readonly at: number;
  readonly until: number;
  readonly text: string;
}

/**
 * One source file as it enters bundles: calls in top-level initialisers are marked pure, so that what a task does not
 * use is dropped from its bundle, and every task but `kept` loses its `run` or `batch`, so that the edit of a task changes
 * no other that names it as an input. A task whose `run` was taken throws when it is called: nothing runs that was not hashed.
 */
export function rewriteSource(source: {
  readonly file: string;
  readonly text: string;
  readonly kept?: string;
}): string {
  const { file, text, kept } = source;
  const { program, errors } = parseSync(file, text, { sourceType: 'module' });
  // esbuild reports the mistake, with a better message.
  if (errors.length > 0) return text;
  const edits: Edit[] = [];
  for (const statement of program.body) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declaration?.type !== 'VariableDeclaration') continue;
    edits.push(...pureMarks(declaration));
    for (const { id, init } of declaration.declarations)
      if (init?.type === 'CallExpression' && !(id.type === 'Identifier' && id.name === kept))
        edits.push(...runRemoval(init, text));
  }
  return applyEdits(text, edits);
}

type Declaration = Extract<ReturnType<typeof parseSync>['program']['body'][number], { type: 'VariableDeclaration' }>;
type Call = Extract<NonNullable<Declaration['declarations'][number]['init']>, { type: 'CallExpression' }>;

function pureMarks(declaration: Declaration): readonly Edit[] {
  const edits: Edit[] = [];
  let depth = 0;
  const mark = (node: { readonly start: number }): void => {
    if (depth === 0) edits.push({ at: node.start, until: node.start, text: '/* @__PURE__ */ ' });
  };
  const enter = (): void => void depth++;
  const leave = (): void => void depth--;
  const { start, end } = declaration;
  new Visitor({
    FunctionExpression: enter,
    'FunctionExpression:exit': leave,
    ArrowFunctionExpression: enter,
    'ArrowFunctionExpression:exit': leave,
    CallExpression: mark,
    NewExpression: mark,
  }).visit({
    type: 'Program',
    body: [declaration],
    sourceType: 'module',
    start,
    end,
    comments: [],
    hashbang: null,
  } as never);
  return edits;
}

function runRemoval(call: Call, source: string): readonly Edit[] {
  if (call.callee.type !== 'Identifier' || call.callee.name !== DEFINE_TASK) return [];
  const [options] = call.arguments;
  if (options?.type !== 'ObjectExpression') return [];
  for (const property of options.properties) {
    if (property.type !== 'Property' || property.key.type !== 'Identifier') continue;
    if (property.key.name !== 'run' && property.key.name !== 'batch') continue;
    const text =
      'run(){throw new Error("The code of this task is not part of the task that called it. Use need(task.goal(...)).")}';
    // As many lines as before, so that those after it keep their numbers in stack traces.
    const lines = source.slice(property.start, property.end).split('\n').length - 1;
    return [{ at: property.start, until: property.end, text: text + '\n'.repeat(lines) }];
  }
  return [];
}

/** Edits from the end to the beginning; what lies inside a replaced part goes with it. */
function applyEdits(text: string, edits: readonly Edit[]): string {
  const replaced = edits.filter((edit) => edit.until > edit.at);
  const outer = edits.filter(
    (edit) => edit.until > edit.at || !replaced.some((other) => edit.at >= other.at && edit.at < other.until),
  );
  let result = text;
  let last = Number.POSITIVE_INFINITY;
  for (const edit of [...outer].sort((a, b) => b.at - a.at)) {
    // `f()()` begins twice at one place; one mark is enough.
    if (edit.at === last) continue;
    last = edit.at;
    result = result.slice(0, edit.at) + edit.text + result.slice(edit.until);
  }
  return result;
}

/** Names under which a file exports tasks. */
export function findTaskExports(source: { readonly file: string; readonly text: string }): readonly string[] {
  const { program } = parseSync(source.file, source.text, { sourceType: 'module' });
  return program.body.flatMap((statement) => {
    if (statement.type !== 'ExportNamedDeclaration' || statement.declaration?.type !== 'VariableDeclaration') return [];
    return statement.declaration.declarations.flatMap(({ id, init }) => {
      const isTask =
        init?.type === 'CallExpression' && init.callee.type === 'Identifier' && init.callee.name === DEFINE_TASK;
      return isTask && id.type === 'Identifier' ? [id.name] : [];
    });
  });
}
