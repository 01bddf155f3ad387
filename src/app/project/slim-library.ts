import * as contractLibrary from './contract-library.ts';
import { weirUrl } from './load-project.ts';

const slimUrl = new URL(`./contract-library.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url).href;
const NAMES: ReadonlySet<string> = new Set(Object.keys(contractLibrary));
/** As esbuild writes imports. */
const IMPORTS = new RegExp(`^import ([^;]*?) ?from ${JSON.stringify(weirUrl).replaceAll('.', '\\.')};$`, 'gm');

/** A built module that takes only what contracts are written with from the library, so that it loads no more than that. */
export function withSlimLibrary(code: string): string {
  return code.replaceAll(IMPORTS, (statement, list: string) => {
    const names = /^\{([^}]*)\}$/.exec(list)?.[1]?.split(',') ?? ['*'];
    const isSlim = names.every((name) => NAMES.has(name.trim().split(' as ')[0] ?? ''));
    return isSlim ? statement.replace(JSON.stringify(weirUrl), JSON.stringify(slimUrl)) : statement;
  });
}
