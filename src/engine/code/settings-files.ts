import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseSync } from 'rolldown/utils';
import { digestOf } from '../define/key.ts';
import { once } from './once.ts';
import { foldersUp, toPosix } from './paths.ts';

/** In any folder above a file, these decide what its imports mean and how it is compiled. */
const SETTINGS = ['package.json', 'tsconfig.json', 'jsconfig.json'];
/** Settings that extend each other in a cycle are refused elsewhere. */
const FILES_MAX = 1_000;

/** Digests of the settings that apply to a folder: the content of those files, and which of them exist. */
export function createSettingsSurvey(root: string): (folder: string) => Promise<string> {
  const read = once((file: string) => readFile(file, 'utf8').catch(() => undefined));
  return once(async (folder) => {
    const queue = [...foldersUp(folder)].flatMap((at) => SETTINGS.map((name) => path.join(at, name)));
    const seen: [string, string | null][] = [];
    const known = new Set(queue);
    for (const file of queue) {
      const text = await read(file);
      seen.push([toPosix(path.relative(root, file)), text === undefined ? null : digestOf(text)]);
      if (text === undefined || path.basename(file) === 'package.json') continue;
      for (const other of extendedBy(file, text)) {
        if (known.has(other) || queue.length >= FILES_MAX) continue;
        known.add(other);
        queue.push(other);
      }
    }
    return digestOf(JSON.stringify(seen));
  });
}

/** Files that the `extends` of a tsconfig.json may mean, including those that do not exist yet. */
function extendedBy(file: string, text: string): readonly string[] {
  const folder = path.dirname(file);
  return extendsOf(text).flatMap((name) => {
    const variants = (at: string): readonly string[] => [at, `${at}.json`, path.join(at, 'tsconfig.json')];
    if (/^\.\.?(\/|\\|$)/.test(name) || path.isAbsolute(name)) return variants(path.resolve(folder, name));
    const exported = maybeResolve(name, file);
    const inPackages = [...foldersUp(folder)].flatMap((at) => variants(path.join(at, 'node_modules', name)));
    return exported === undefined ? inPackages : [exported, ...inPackages];
  });
}

/** JSON with comments and trailing commas is an expression of JavaScript. */
function extendsOf(text: string): readonly string[] {
  const { program } = parseSync('tsconfig.js', `(${text}\n)`, { preserveParens: false });
  const [statement] = program.body;
  if (statement?.type !== 'ExpressionStatement' || statement.expression.type !== 'ObjectExpression') return [];
  for (const property of statement.expression.properties) {
    if (property.type !== 'Property' || property.key.type !== 'Literal' || property.key.value !== 'extends') continue;
    const values = property.value.type === 'ArrayExpression' ? property.value.elements : [property.value];
    return values.flatMap((value) =>
      value?.type === 'Literal' && typeof value.value === 'string' ? [value.value] : [],
    );
  }
  return [];
}

function maybeResolve(name: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}
