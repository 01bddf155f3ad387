import { parseSync, Visitor } from 'rolldown/utils';

interface Edit {
  readonly at: number;
  readonly until: number;
  readonly text: string;
}

/**
 * A bundle in which every renamed task has its first name and no former ones, so that a rename changes no fingerprint:
 * neither that of the task nor of those that name it as an input. Names that are not plain string literals are left as
 * they are.
 */
export function withFirstNames(text: string, renameImport: (source: string) => string): string {
  if (!text.includes('formerNames')) return text;
  const { program } = parseSync('bundle.mjs', text);
  const definers = new Set<string>();
  for (const statement of program.body) {
    if (statement.type !== 'ImportDeclaration' || renameImport(statement.source.value) !== 'weir') continue;
    for (const specifier of statement.specifiers)
      if (
        specifier.type === 'ImportSpecifier' &&
        specifier.imported.type === 'Identifier' &&
        specifier.imported.name === 'defineTask'
      )
        definers.add(specifier.local.name);
  }
  const edits: Edit[] = [];
  new Visitor({
    CallExpression: (call) => {
      const [options] = call.arguments;
      if (call.callee.type !== 'Identifier' || !definers.has(call.callee.name)) return;
      if (options?.type === 'ObjectExpression') edits.push(...firstNameEdits(options));
    },
  }).visit(program);
  let result = text;
  for (const { at, until, text: into } of edits.sort((a, b) => b.at - a.at))
    result = result.slice(0, at) + into + result.slice(until);
  return result;
}

type Properties = Extract<
  Parameters<NonNullable<ConstructorParameters<typeof Visitor>[0]['ObjectExpression']>>[0],
  { type: 'ObjectExpression' }
>;

function firstNameEdits({ properties }: Properties): readonly Edit[] {
  const find = (wanted: string) =>
    properties.find(
      (each) =>
        each.type === 'Property' && each.key.type === 'Identifier' && each.key.name === wanted && !each.computed,
    );
  const [name, former] = [find('name'), find('formerNames')];
  if (name?.type !== 'Property' || former?.type !== 'Property' || former.value.type !== 'ArrayExpression') return [];
  const [first] = former.value.elements;
  if (name.value.type !== 'Literal' || first?.type !== 'Literal' || typeof first.value !== 'string') return [];
  const place = properties.indexOf(former);
  const next = properties[place + 1];
  const before = properties[place - 1];
  const removal =
    next === undefined
      ? { at: before?.end ?? former.start, until: former.end, text: '' }
      : { at: former.start, until: next.start, text: '' };
  return [{ at: name.value.start, until: name.value.end, text: JSON.stringify(first.value) }, removal];
}

/** The function whose calls define tasks. */
const DEFINE_TASK = 'defineTask';

interface Edit {
  readonly at: number;
  readonly until: number;
  readonly text: string;
}

/**
 * One source file as it enters bundles: calls in top-level initialisers are marked pure, so that what a task does not
 * use is dropped from its bundle, and every task but `kept` loses its `run` or `batch`, so that the edit of a task
 * changes no other that names it as an input; a source loses `list` and `read`. A removed function throws when it is
 * called, so nothing runs that was not hashed.
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

/** Properties that do not enter the bundles of other tasks, with their replacement. */
const REMOVED: { readonly [callee: string]: { readonly [property: string]: string } } = {
  [DEFINE_TASK]: { run: notHere('run', 'task'), batch: notHere('run', 'task') },
  // The tasks of a source read what the run pinned, by digest, so the tasks that read them do not depend on how it is
  // read.
  defineSource: { list: notHere('list', 'source'), read: notHere('read', 'source') },
};

function notHere(property: string, of: 'task' | 'source'): string {
  const advice = of === 'task' ? 'Use need(task.goal(...)).' : 'Use its goals, such as source.partitions().';
  return `${property}(){throw new Error("The code of this ${of} is not part of the task that called it. ${advice}")}`;
}

function runRemoval(call: Call, source: string): readonly Edit[] {
  const removed = call.callee.type === 'Identifier' ? REMOVED[call.callee.name] : undefined;
  const [options] = call.arguments;
  if (removed === undefined || options?.type !== 'ObjectExpression') return [];
  return options.properties.flatMap((property) => {
    if (property.type !== 'Property' || property.key.type !== 'Identifier') return [];
    const text = removed[property.key.name];
    if (text === undefined) return [];
    // As many lines as before, so that those after it keep their numbers in stack traces.
    const lines = source.slice(property.start, property.end).split('\n').length - 1;
    return [{ at: property.start, until: property.end, text: text + '\n'.repeat(lines) }];
  });
}

/** Edits from the end to the start; edits inside a replaced part are dropped. */
function applyEdits(text: string, edits: readonly Edit[]): string {
  const replaced = edits.filter((edit) => edit.until > edit.at);
  const outer = edits.filter(
    (edit) => edit.until > edit.at || !replaced.some((other) => edit.at >= other.at && edit.at < other.until),
  );
  let result = text;
  let last = Number.POSITIVE_INFINITY;
  for (const edit of [...outer].sort((a, b) => b.at - a.at)) {
    // `f()()` has two calls that start at one place; one mark is enough.
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
