import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CACHE = path.join(ROOT, 'node_modules', '.cache');

// JSON has the texts and numbers that enums stand for. What a schema leaves open stays open.
const PLAIN = `
type Plain<T> = 0 extends 1 & T ? T
  : T extends string ? \`\${T}\`
  : T extends number ? (\`\${T}\` extends \`\${infer N extends number}\` ? N : T)
  : T extends readonly (infer U)[] ? Plain<U>[]
  : T extends object ? { [K in keyof T]: Plain<T[K]> }
  : T;`;

/** Values that have to be of a type, as TypeScript source: the imports, and each type with its value. */
export interface Typed {
  readonly imports: readonly string[];
  readonly values: readonly { readonly type: string; readonly value: unknown }[];
}

/**
 * What the compiler says of JSON values and the types that Grafana publishes; empty when all of them fit. The packages
 * hold types and no schemas that run.
 */
export function misfits(files: Readonly<Record<string, Typed>>): string {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(path.join(CACHE, 'grafana-'));
  try {
    for (const [name, { imports, values }] of Object.entries(files)) {
      const constants = values.map(
        ({ type, value }, index) => `export const value${index}: Plain<${type}> = ${JSON.stringify(value, null, 1)};`,
      );
      writeFileSync(path.join(folder, `${name}.ts`), [...imports, PLAIN, ...constants, ''].join('\n'));
    }
    const options = { module: 'preserve', moduleResolution: 'bundler', strict: true, noEmit: true, skipLibCheck: true };
    const settings = { compilerOptions: { ...options, target: 'es2023', types: [] }, include: ['*.ts'] };
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(settings));
    const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const { stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8', cwd: folder });
    return `${stdout}${stderr}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
