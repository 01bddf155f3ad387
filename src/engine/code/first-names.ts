import { parseSync, Visitor } from 'rolldown/utils';

interface Edit {
  readonly at: number;
  readonly until: number;
  readonly text: string;
}

/**
 * A bundle in which every renamed task has its first name and no former ones, so that a rename changes no fingerprint:
 * neither that of the task nor of those that name it as an input. What is not written as plain text is left alone.
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
