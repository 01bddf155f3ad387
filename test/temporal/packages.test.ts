import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEMPORAL_FOLDER } from './temporal-packages.ts';
import { canTestTemporal } from './temporal-server.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LONG_MS = 120_000;

describe.skipIf(!canTestTemporal())('the packages of Temporal', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'weir-temporal-types-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** What the compiler says of the transport with the types of the packages, and with more of its own. */
  async function compile(more: string): Promise<string> {
    const file = path.join(folder, 'more.ts');
    const settings = path.join(folder, 'tsconfig.json');
    await writeFile(file, more);
    const compilerOptions = {
      ...{ noEmit: true, incremental: false, typeRoots: [path.join(ROOT, 'node_modules/@types')] },
      paths: {
        // A file, because a module of ECMAScript looks for none in a folder.
        '@temporalio/*': [path.join(TEMPORAL_FOLDER, 'node_modules/@temporalio/*/lib/index.d.ts')],
        '#engine': [path.join(ROOT, 'src/engine/index.ts')],
        '#store': [path.join(ROOT, 'src/store/index.ts')],
      },
    };
    const files = [path.join(ROOT, 'src/engine/remote/temporal.ts'), file];
    const tsconfig = { extends: path.join(ROOT, 'tsconfig.json'), compilerOptions, files, include: [] };
    await writeFile(settings, JSON.stringify(tsconfig));
    const compiler = path.join(ROOT, 'node_modules/typescript/bin/tsc');
    const ended = promisify(execFile)(process.execPath, [compiler, '-p', settings], { cwd: ROOT });
    return ended.then(
      ({ stdout }) => stdout,
      (error: { readonly stdout: string }) => error.stdout,
    );
  }

  it('have what the transport asks of them', { timeout: LONG_MS }, async () => {
    expect(await compile('export {};')).toBe('');
  });

  it('are what it is compiled with here', { timeout: LONG_MS }, async () => {
    const wrong = `import { Client } from '@temporalio/client';\nexport const no: number = new Client().workflow;`;
    expect(await compile(wrong)).toContain("Type 'WorkflowClient' is not assignable to type 'number'");
  });
});
