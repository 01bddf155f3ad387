import type { SourceFile } from './source-file.ts';

const DRAWERS = new Set(['common', 'core', 'helper', 'helpers', 'lib', 'misc', 'shared', 'util', 'utils']);
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const PASCAL = /^[A-Z][A-Za-z0-9]*$/;
const NAMED_BY_RULE = /\.(ts|tsx|mjs|js|sql|css|html)$/;

/** Finds folders and files that name nothing, or are written another way than the rest. */
export function findWrongNames(files: readonly SourceFile[]): readonly string[] {
  const faults = files.flatMap(({ path }) => {
    const pieces = path.split('/');
    const file = pieces.pop() ?? '';
    const [stem = ''] = file.split('.');
    const drawer = [...pieces, stem].find((piece) => DRAWERS.has(piece.toLowerCase()));
    if (drawer !== undefined) return [`${path}: "${drawer}" names nothing; call it after what is in it`];
    const folder = pieces.find((piece) => !KEBAB.test(piece.replace(/^\./, '')));
    if (folder !== undefined) return [`${path}: the folder ${folder} is not kebab-case`];
    if (!NAMED_BY_RULE.test(file)) return [];
    const isComponent = file.endsWith('.tsx') && PASCAL.test(stem);
    return KEBAB.test(stem) || isComponent ? [] : [`${path} is not kebab-case, nor a component in PascalCase`];
  });
  return [...new Set(faults)];
}
