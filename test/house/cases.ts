import { parseSync, Visitor } from 'rolldown/utils';

/** What `it` may be called with that still runs the test, at least somewhere. */
const RUNNING = new Set(['each', 'for', 'skipIf', 'runIf', 'sequential', 'concurrent']);
const NUMBERED = /^(\d+)\. /;

/** Numbers at the beginning of the titles of tests, in order. Tests that never run do not count. */
export function numbersOfCases(text: string): readonly number[] {
  const { program } = parseSync('cases.ts', text);
  const found: number[] = [];
  new Visitor({
    CallExpression: ({ callee, arguments: [title] }) => {
      if (!isTest(callee)) return;
      const start =
        title?.type === 'Literal' && typeof title.value === 'string'
          ? title.value
          : title?.type === 'TemplateLiteral'
            ? title.quasis[0]?.value.raw
            : undefined;
      const number = NUMBERED.exec(start ?? '')?.[1];
      if (number !== undefined) found.push(Number(number));
    },
  }).visit(program);
  return found;
}

type Callee = Parameters<NonNullable<ConstructorParameters<typeof Visitor>[0]['CallExpression']>>[0]['callee'];

/** `it`, or `it.each(…)` and its like. */
function isTest(callee: Callee): boolean {
  if (callee.type === 'Identifier') return callee.name === 'it';
  if (callee.type !== 'CallExpression' || callee.callee.type !== 'MemberExpression') return false;
  const { object, property } = callee.callee;
  return (
    object.type === 'Identifier' && object.name === 'it' && property.type === 'Identifier' && RUNNING.has(property.name)
  );
}
