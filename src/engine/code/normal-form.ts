import { minifySync, parseSync } from 'rolldown/utils';
import { EngineError } from '../define/errors.ts';

/**
 * The text of a bundle without what does not change its meaning: comments, layout, names of locals, the order of
 * imports. Imports come first, sorted, because their order depends on that of files; then identifiers are renamed by
 * order of use. esbuild's own `minify` does not serve here: the names it assigns depend on text that it dropped.
 */
export function toNormalForm(text: string, renameImport: (source: string) => string = (source) => source): string {
  const { program } = parseSync('bundle.mjs', text);
  const imports = new Map<string, (readonly [string, string])[]>();
  let body = text;
  for (const statement of [...program.body].reverse()) {
    if (statement.type !== 'ImportDeclaration') continue;
    body = body.slice(0, statement.start) + body.slice(statement.end);
    const source = renameImport(statement.source.value);
    const names = imports.get(source) ?? [];
    imports.set(source, names);
    for (const specifier of statement.specifiers) names.push([importedName(specifier), specifier.local.name]);
  }
  const head = [...imports].sort(byFirst).map(([source, names]) => writeImport(source, names.sort(byFirst)));
  const { code, errors } = minifySync('bundle.mjs', head.join('') + body, {
    module: true,
    compress: false,
    mangle: { toplevel: true },
    codegen: { removeWhitespace: true },
  });
  const [error] = errors;
  if (error !== undefined)
    throw new EngineError('code_invalid', `A bundle could not be brought to its normal form: ${error.message}`);
  return code;
}

type Specifier = Extract<
  ReturnType<typeof parseSync>['program']['body'][number],
  { type: 'ImportDeclaration' }
>['specifiers'][number];

function importedName(specifier: Specifier): string {
  if (specifier.type === 'ImportDefaultSpecifier') return 'default';
  if (specifier.type === 'ImportNamespaceSpecifier') return '*';
  return specifier.imported.type === 'Identifier' ? specifier.imported.name : specifier.imported.value;
}

function writeImport(source: string, names: readonly (readonly [string, string])[]): string {
  const from = JSON.stringify(source);
  const named = names.filter(([imported]) => imported !== '*');
  const whole = names.filter(([imported]) => imported === '*');
  const list = named.map(([imported, local]) => `${imported} as ${local}`).join(',');
  const first = named.length > 0 || names.length === 0 ? `import{${list}}from${from};` : '';
  return first + whole.map(([, local]) => `import*as ${local} from${from};`).join('');
}

const byFirst = (a: readonly [string, unknown], b: readonly [string, unknown]): number => (a[0] < b[0] ? -1 : 1);
