import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#access';
import type { Language } from '../../src/web/snippets/to-snippets.ts';
import { STREAM_SNIPPETS } from '../../src/web/snippets/to-stream-snippets.ts';
import { addChampion, createWorld, parcel, type World } from './world.ts';

let world: World;
let origin: string;
let key: string;
let version: number;
let folder: string;
beforeAll(async () => {
  world = await createWorld({ access: { isLoginRequired: true } });
  version = await addChampion(world);
  ({ text: key } = await createApiKey(world.database, { name: 'a', role: 'operator', by: 'test', expiresAt: null }));
  ({ url: origin } = await world.server.listen({ port: 0 }));
  folder = await mkdtemp(path.join(await cache(), 'snippets-'));
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

/** Within the repository, where the program finds packages. */
async function cache(): Promise<string> {
  const found = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url));
  await mkdir(found, { recursive: true });
  return found;
}

async function run(program: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(program, args, {
    env: { ...process.env, WEIR_API_KEY: key },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(input);
  return text(child.stdout);
}

const hasProgram = async (program: string): Promise<boolean> =>
  new Promise((resolve) => {
    spawn(program, ['--version'], { stdio: 'ignore' })
      .once('error', () => resolve(false))
      .once('exit', (code) => resolve(code === 0));
  });

// Texts that a shell or a program could read as something else.
const row = { ...parcel, note: `it's "$HOME" \\ !` };
const snippet = (language: Language): string =>
  STREAM_SNIPPETS[language]({ origin, body: row, query: { version }, needsKey: true });
const [hasCurl, hasPython] = await Promise.all(['curl', 'python3'].map(hasProgram));

describe('a stream to copy', () => {
  it.skipIf(hasCurl !== true)('in curl is answered line by line', async () => {
    const lines = (await run('sh', [], snippet('curl'))).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { line: 1, prediction: 'kept', features: { note: row.note } },
      { end: { isComplete: true } },
    ]);
  });

  it.skipIf(hasPython !== true)('in Python is, too', async () => {
    expect(await run('python3', ['-'], snippet('Python'))).toMatch(/'line': 1.*'kept'.*\n.*'isComplete': True/);
  });

  it('in TypeScript is, too', async () => {
    const client = fileURLToPath(new URL('../../src/api/client/index.ts', import.meta.url));
    const { code } = await transform(snippet('TypeScript').replace("'weir/client'", JSON.stringify(client)), {
      loader: 'ts',
    });
    const file = path.join(folder, 'snippet.mjs');
    await writeFile(file, code);
    expect(await run(process.execPath, ['--conditions=weir-source', '--import', 'tsx', file])).toBe('1 kept\n');
  });

  it('asks for no key where none is needed', () => {
    for (const toSnippet of Object.values(STREAM_SNIPPETS))
      expect(toSnippet({ origin, body: {}, needsKey: false })).not.toMatch(/KEY|authorization/i);
  });
});
