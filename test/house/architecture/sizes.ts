import { isNode, maybeName, nodesIn, type SourceFile, type SyntaxNode } from './source-file.ts';

const FILE_LINES_MAX = 500;
const FUNCTION_LINES_MAX = 70;
const POSITIONAL_PARAMETERS_MAX = 3;

const FUNCTIONS = new Set([
  'ArrowFunctionExpression',
  'FunctionDeclaration',
  'FunctionExpression',
  'TSDeclareFunction',
]);
// A block of tests, or a suite that holds some, is a list: as long as what it describes.
const TEST_BLOCKS = new Set(['describe', 'it', 'test']);

/** Finds files, functions and parameter lists beyond the walls. */
export function findOversize(files: readonly SourceFile[], pureData: readonly string[]): readonly string[] {
  const measured = files.filter((file) => !pureData.some((folder) => file.path.startsWith(`${folder}/`)));
  const missing = pureData.filter((folder) => !files.some((file) => file.path.startsWith(`${folder}/`)));
  return [
    ...missing.map((folder) => `${folder} is listed as pure data but holds no file: take it off the list`),
    ...measured.flatMap((file) => (file.nodes.length === 0 ? [] : [...fileFaults(file), ...functionFaults(file)])),
  ];
}

function fileFaults(file: SourceFile): readonly string[] {
  const lines = linesOf(file.text.trimEnd());
  return lines > FILE_LINES_MAX ? [`${file.path} has ${lines} lines; the wall is ${FILE_LINES_MAX}`] : [];
}

function functionFaults(file: SourceFile): readonly string[] {
  const blocks = file.nodes.flatMap(testBlocksOf);
  // What is handed to another function takes what that one gives.
  const callbacks = new Set(
    file.nodes.filter((node) => node.type === 'CallExpression').flatMap((node) => nodesIn(node.arguments)),
  );
  const isOfTests = (node: SyntaxNode) => blocks.some((block) => node.start <= block.start && block.end <= node.end);
  return file.nodes
    .filter((node) => FUNCTIONS.has(node.type))
    .flatMap((node) => {
      const where = `${file.path}:${linesOf(file.text.slice(0, node.start))}`;
      const name = maybeName(node.id) ?? 'a function';
      const lines = linesOf(file.text.slice(node.start, node.end));
      const parameters = nodesIn(node.params).filter((parameter) => maybeName(parameter) !== 'this').length;
      return [
        lines > FUNCTION_LINES_MAX && !isOfTests(node)
          ? `${where} ${name} has ${lines} lines; the wall is ${FUNCTION_LINES_MAX}`
          : [],
        parameters > POSITIONAL_PARAMETERS_MAX && !callbacks.has(node)
          ? `${where} ${name} has ${parameters} positional parameters; the wall is ${POSITIONAL_PARAMETERS_MAX}`
          : [],
      ].flat();
    });
}

// The functions handed to describe(...), it.each(...)(...) and the like.
function testBlocksOf(node: SyntaxNode): readonly SyntaxNode[] {
  if (node.type !== 'CallExpression') return [];
  let callee: unknown = node.callee;
  while (isNode(callee) && callee.type !== 'Identifier') callee = callee.object ?? callee.callee ?? callee.tag;
  return TEST_BLOCKS.has(maybeName(callee) ?? '') ? nodesIn(node.arguments) : [];
}

function linesOf(text: string): number {
  return text.split('\n').length;
}
