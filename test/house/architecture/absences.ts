import { maybePartOf } from './arrows.ts';
import { isNode, maybeName, nodesIn, type SourceFile, type SyntaxNode } from './source-file.ts';

const OUTSIDE_WORLD = new Set(['argv', 'env', 'exit']);
const HTTP_SERVERS = /^(fastify|@fastify\/.*|fastify-.*|express|hono|koa|(node:)?https?2?)$/;
/** What asks other servers. */
const HTTP_CLIENT = new Set(['request', 'IncomingMessage']);
const HASHING = new Set(['createHash', 'createHmac', 'hash', 'subtle', 'webcrypto']);
const DOMAIN_WORDS = new Set(
  'champion contract dashboard drift estimator expectation goal model pipeline prediction verdict'.split(' '),
);

/** Finds default exports: a thing has one name, given where it is made. */
export function findDefaultExports(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter((file) => maybePartOf(file.path) !== undefined && !file.path.endsWith('.config.ts'))
    .filter((file) =>
      file.nodes.some(
        (node) =>
          node.type === 'ExportDefaultDeclaration' ||
          (node.type === 'ExportSpecifier' && maybeName(node.exported) === 'default'),
      ),
    )
    .map((file) => `${file.path} has a default export`);
}

/** Finds uses of the environment, the arguments and the exit of the process outside `src/app`. */
export function findOutsideWorld(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter((file) => !['app', undefined].includes(maybePartOf(file.path)))
    .flatMap((file) => {
      const imported = file.imports
        .filter(({ specifier }) => /^(node:)?process$/.test(specifier))
        .flatMap(({ names }) => names);
      const used = [...file.nodes.flatMap(membersOfProcess), ...imported].filter((name) => OUTSIDE_WORLD.has(name));
      return [...new Set(used)].map((name) => `${file.path} uses process.${name}; only src/app may`);
    });
}

/** Finds what serves HTTP outside `src/server`. */
export function findHttpServers(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter((file) => !['server', undefined].includes(maybePartOf(file.path)))
    .flatMap((file) =>
      file.imports
        .filter(({ specifier, names }) => HTTP_SERVERS.test(specifier) && !isClient(names))
        .map((each) => `${file.path} imports ${each.specifier}; only src/server serves HTTP`),
    );
}

/** Whether an import takes nothing but what asks other servers; one of all names has none here. */
function isClient(names: readonly string[]): boolean {
  return names.length > 0 && names.every((name) => HTTP_CLIENT.has(name));
}

/** Finds hashing where nobody said what bytes are hashed, and permissions that are not needed. */
export function findHashing(
  files: readonly SourceFile[],
  mayHash: Readonly<Record<string, string>>,
): readonly string[] {
  const hashing = files
    .filter((file) => maybePartOf(file.path) !== undefined)
    .filter((file) =>
      file.imports.some(
        ({ specifier, names }) => /^(node:)?crypto$/.test(specifier) && names.some((n) => HASHING.has(n)),
      ),
    )
    .map((file) => file.path);
  return [
    ...hashing
      .filter((path) => mayHash[path] === undefined)
      .map((path) => `${path} hashes; only src/engine/define/key.ts makes keys`),
    ...Object.keys(mayHash)
      .filter((path) => !hashing.includes(path))
      .map((path) => `${path} may hash but does not`),
  ];
}

/** Finds clocks and dice in `src/ml`, whose results must depend on data and seed alone. */
export function findHiddenInputs(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter((file) => maybePartOf(file.path) === 'ml')
    .flatMap((file) => {
      const calls = file.nodes
        .filter((node) => isClockOrDice(node))
        .map((node) => file.text.slice(node.start, node.end));
      return calls.map((call) => `${file.path} uses ${call}; in src/ml time and chance are parameters`);
    });
}

/** Finds words of the domain among the names of `src/store`, which keeps bytes and rows of anything. */
export function findDomainWords(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter((file) => maybePartOf(file.path) === 'store')
    .flatMap((file) => {
      const names = file.nodes.filter((node) => node.type === 'Identifier').flatMap((node) => maybeName(node) ?? []);
      // Node has a `pipeline` too.
      const ofNode = new Set(
        file.imports.filter((each) => each.specifier.startsWith('node:')).flatMap((each) => each.names),
      );
      const wrong = names.filter((name) => !ofNode.has(name) && wordsOf(name).some((word) => DOMAIN_WORDS.has(word)));
      return [...new Set(wrong)].map((name) => `${file.path} speaks of ${name}; the store knows no word of the domain`);
    });
}

/** Finds names of projects in the product, which must not know any. Projects are folders with a `project.ts`. */
export function findProjectNames(files: readonly SourceFile[]): readonly string[] {
  const names = files.flatMap(({ path }) => /^(?!src\/).*?([^/]+)\/project\.ts$/.exec(path)?.[1] ?? []);
  return files
    .filter(({ path }) => /^(src|database)\//.test(path))
    .flatMap(({ path, text }) =>
      names.filter((name) => text.toLowerCase().includes(name)).map((name) => `${path} speaks of the project ${name}`),
    );
}

/** Finds compilers that touch the world, and listed ones that are gone. They import nothing of Node at run time. */
export function findImpureCompilers(files: readonly SourceFile[], compilers: readonly string[]): readonly string[] {
  return compilers.flatMap((path) => {
    const file = files.find((each) => each.path === path);
    if (file === undefined) return [`${path} is listed as a compiler but is not there`];
    return file.imports
      .filter((each) => each.specifier.startsWith('node:') && !each.isTypeOnly)
      .map((each) => `${path} imports ${each.specifier}; a compiler is pure`);
  });
}

/** Finds notes to do something later. They belong into an issue. */
export function findUnfinished(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter((file) => file.comments.some((comment) => /\b(TODO|FIXME|XXX|HACK)\b/.test(comment)))
    .map((file) => `${file.path} has a note to do something later`);
}

/** Finds shifts of numbers that do not give what they say: JavaScript and the kernels shift signed 32 bits. */
export function findOverflowingShifts(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => /\.(ts|tsx|mjs|as)$/.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/(?<![\w.])(\d+) << (\d+)/g)]
        .filter(([, value, bits]) => Number(value) * 2 ** Number(bits) !== Number(value) << Number(bits))
        .map(([shift]) => `${path} shifts beyond 31 bits: ${shift}`),
    );
}

/** Finds paths of one machine, which are true nowhere else. */
export function findMachinePaths(files: readonly SourceFile[]): readonly string[] {
  // In pieces, so that this file does not find itself.
  const pattern = new RegExp(
    ['/wo', 'rk/(main|shared)|/ro', 'ot/|/ho', 'me/[a-z]|/Us', 'ers/|(^|[^-\\w/])sha', 'red/'].join(''),
    'm',
  );
  return files.flatMap((file) => {
    const found = pattern.exec(file.text)?.[0];
    return found === undefined ? [] : [`${file.path} names a path of one machine: ${found.trim()}`];
  });
}

// process.x, process['x'], globalThis.process.x, and const { x } = process.
function membersOfProcess(node: SyntaxNode): readonly string[] {
  if (node.type === 'MemberExpression' && isProcess(node.object)) return [maybeName(node.property) ?? ''];
  if (node.type !== 'VariableDeclarator' || !isProcess(node.init) || !isNode(node.id)) return [];
  return nodesIn(node.id.properties).flatMap((property) => maybeName(property.key) ?? []);
}

function isProcess(value: unknown): boolean {
  if (!isNode(value)) return false;
  return (
    maybeName(value) === 'process' || (value.type === 'MemberExpression' && maybeName(value.property) === 'process')
  );
}

function isClockOrDice(node: SyntaxNode): boolean {
  if (node.type === 'NewExpression') return maybeName(node.callee) === 'Date' && nodesIn(node.arguments).length === 0;
  if (node.type !== 'MemberExpression') return false;
  const call = `${maybeName(node.object)}.${maybeName(node.property)}`;
  return ['Math.random', 'Date.now', 'performance.now', 'crypto.randomUUID', 'crypto.getRandomValues'].includes(call);
}

function wordsOf(name: string): readonly string[] {
  return name.split(/[_\W]|(?<=[a-z0-9])(?=[A-Z])/).map((word) => word.toLowerCase().replace(/s$/, ''));
}
