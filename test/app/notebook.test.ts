import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERROR_KINDS } from '#contracts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = path.join(root, 'scripts', 'run-notebook.mjs');
const committed = path.join(root, 'examples', 'contracts', 'errors.ipynb');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-notebook-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function runNotebook(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.err += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...texts }));
  });
}

async function notebookOf(name: string, ...sources: readonly string[]): Promise<string> {
  const file = path.join(folder, name);
  const cells = sources.map((source, index) => ({
    ...{ cell_type: 'code', execution_count: null, id: `cell-${index}`, metadata: {}, outputs: [], source: [source] },
  }));
  await writeFile(file, JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
  return file;
}

describe('the notebook about injected errors', () => {
  it('runs, and holds exactly what its cells print', async () => {
    expect(await runNotebook(committed, '--check')).toEqual({ code: 0, out: '', err: '' });
  });

  it('shows every kind of error, each found wholly and nothing else', async () => {
    const text = await readFile(committed, 'utf8');
    for (const { kind } of ERROR_KINDS) {
      expect(text).toContain(`await demonstrate('${kind}');`);
      expect(text).toMatch(new RegExp(`"${kind} +\\d+ +1\\.00 +1\\.00 (fail|warn)\\\\n"`));
    }
  });

  it('is a notebook of TypeScript that says how to open it', async () => {
    const notebook = JSON.parse(await readFile(committed, 'utf8'));
    expect(notebook).toMatchObject({ nbformat: 4, metadata: { kernelspec: { language: 'typescript' } } });
    expect(notebook.cells[0].source.join('')).toMatch(/deno jupyter --install/);
  });
});

describe('run-notebook', () => {
  it('runs the cells in order, in one shared scope, and prints what they print', async () => {
    const file = await notebookOf(
      'scope.ipynb',
      "import { integer } from 'weir';\nconst age: number = await Promise.resolve(41);",
      'console.log(age + 1, integer({ min: 1 }).kind);',
    );
    expect(await runNotebook(file)).toMatchObject({ code: 0, out: expect.stringContaining('42 integer\n') });
  });

  it('keeps the outputs with --write, and finds them stale after a change', async () => {
    const file = await notebookOf('stale.ipynb', "console.log('one\\ntwo');");
    expect((await runNotebook(file, '--check')).code).toBe(2);
    expect((await runNotebook(file, '--write')).code).toBe(0);
    const text = await readFile(file, 'utf8');
    expect(JSON.parse(text).cells[0]).toMatchObject({
      execution_count: 1,
      outputs: [{ output_type: 'stream', name: 'stdout', text: ['one\n', 'two\n'] }],
    });
    expect((await runNotebook(file, '--check')).code).toBe(0);
    await writeFile(file, text.replace('"two\\n"', '"too\\n"'));
    expect(await runNotebook(file, '--check')).toMatchObject({ code: 2, err: expect.stringContaining('--write') });
  });

  it('fails with the number of the cell that throws, and leaves the notebook', async () => {
    const file = await notebookOf('throws.ipynb', 'console.log(1);', "throw new Error('torn');", 'console.log(3);');
    const before = await readFile(file, 'utf8');
    const { code, err } = await runNotebook(file, '--write');
    expect(code).toBe(1);
    expect(err).toMatch(/throws\.ipynb, code cell 2: Error: torn/);
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  it('fails when a cell ends the process, and when it does not build', async () => {
    const ends = await notebookOf('ends.ipynb', 'process.exit(0);');
    expect(await runNotebook(ends)).toMatchObject({ code: 1, err: expect.stringContaining('ended before its cells') });
    const broken = await notebookOf('broken.ipynb', 'const = 1;');
    expect(await runNotebook(broken)).toMatchObject({ code: 1, err: expect.stringContaining('do not build') });
  });
});
