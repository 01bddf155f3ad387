import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'rolldown/utils';

/** A node of the syntax tree, as far as the rules look at it. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** One import, re-export or dynamic import of a literal. */
export interface Import {
  readonly specifier: string;
  /** Nothing of it is left at run time. */
  readonly isTypeOnly: boolean;
  /** Names taken from it; empty where all are taken. */
  readonly names: readonly string[];
}

/** A file of the repository, parsed when it is TypeScript or JavaScript. */
export interface SourceFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly nodes: readonly SyntaxNode[];
  readonly comments: readonly string[];
  readonly imports: readonly Import[];
}

const PARSED = /\.(ts|tsx|mts|mjs|js)$/;
const IGNORED_FOLDERS = new Set(['.git', '.weir', 'coverage', 'dist', 'dist.next', 'dist.previous', 'node_modules']);

/** Reads every file below some folders or files of a repository, in order of path. */
export function readSources(root: string, paths: readonly string[]): readonly SourceFile[] {
  return paths
    .flatMap((path) => pathsBelow(root, path))
    .map((path) => toSourceFile(path, readFileSync(join(root, path), 'utf8')));
}

/** Lists files below a path, relative to the root. */
export function pathsBelow(root: string, path: string): readonly string[] {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isDirectory()) return [path];
  const names = readdirSync(join(root, path)).filter((name) => !IGNORED_FOLDERS.has(name));
  return names.sort().flatMap((name) => pathsBelow(root, path === '.' ? name : `${path}/${name}`));
}

/** Parses one file; text that is no TypeScript or JavaScript is kept as it is. */
export function toSourceFile(path: string, text: string): SourceFile {
  if (!PARSED.test(path)) return { path, text, nodes: [], comments: [], imports: [] };
  const parsed = parseSync(path, text);
  const [firstError] = parsed.errors;
  if (firstError !== undefined) throw new Error(`${path} cannot be parsed: ${firstError.message}`);
  // Every node of the tree is of this shape; the parser's own types name each kind, which no rule here needs.
  const nodes = nodesWithin(parsed.program as unknown as SyntaxNode);
  const comments = parsed.comments.map((comment) => comment.value);
  return { path, text, nodes, comments, imports: nodes.flatMap(importsOf) };
}

/** Tells whether a value of the tree is itself a node. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** The nodes that stand directly in one field of a node. */
export function nodesIn(value: unknown): readonly SyntaxNode[] {
  return Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [];
}

/** The name of an identifier, or the text of a string, where a node is one. */
export function maybeName(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (typeof value.name === 'string') return value.name;
  return typeof value.value === 'string' ? value.value : undefined;
}

function nodesWithin(node: SyntaxNode): readonly SyntaxNode[] {
  const found: SyntaxNode[] = [];
  const open = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    found.push(next);
    for (const value of Object.values(next)) open.push(...nodesIn(value));
  }
  return found.sort((a, b) => a.start - b.start);
}

function importsOf(node: SyntaxNode): readonly Import[] {
  const specifier = maybeName(node.source) ?? maybeName(node.argument);
  if (specifier === undefined) return [];
  const members = nodesIn(node.specifiers);
  const names = members.map((member) => maybeName(member.imported) ?? maybeName(member.local) ?? '');
  switch (node.type) {
    case 'ImportDeclaration':
      return [{ specifier, names, isTypeOnly: node.importKind === 'type' || areTypes(members, 'importKind') }];
    case 'ExportNamedDeclaration':
      return [{ specifier, names, isTypeOnly: node.exportKind === 'type' || areTypes(members, 'exportKind') }];
    case 'ExportAllDeclaration':
      return [{ specifier, names: [], isTypeOnly: node.exportKind === 'type' }];
    case 'ImportExpression':
      return [{ specifier, names: [], isTypeOnly: false }];
    case 'TSImportType':
      return [{ specifier, names: [], isTypeOnly: true }];
    default:
      return [];
  }
}

function areTypes(members: readonly SyntaxNode[], field: string): boolean {
  return members.length > 0 && members.every((member) => member[field] === 'type');
}
