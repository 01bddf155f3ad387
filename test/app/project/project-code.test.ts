import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defineProject } from '#pipelines';
import { configSchema } from '../../../src/app/project/config.ts';
import { pathsOf } from '../../../src/app/project/paths.ts';
import { buildProjectCode, loadProjectCode } from '../../../src/app/project/project-code.ts';

const TASKS = `import { defineTask, value, z } from 'weir';
import { fileURLToPath } from 'node:url';
import { greeting } from './greeting.ts';
import words from './words.txt';

export const greet = defineTask({
  name: 'greet',
  params: z.object({ who: z.string() }),
  outputs: { text: value<string>() },
  run: async ({ params }) => ({ text: greeting + params.who + words }),
});

export const whereabouts = defineTask({
  name: 'whereabouts',
  params: z.object({}),
  outputs: { file: value<string>() },
  run: async () => ({ file: fileURLToPath(new URL('data.csv', import.meta.url)) }),
});

export const broken = defineTask({
  name: 'broken',
  params: z.object({}),
  outputs: { nothing: value<null>() },
  run: async () => {
    throw new Error('broken');
  },
});
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-project-code-'));
  await put('tasks.ts', TASKS);
  await put('greeting.ts', "export const greeting = 'hello ';\n");
  await put('words.txt', '!');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const put = (file: string, text: string) => writeFile(path.join(folder, file), text);
const build = (...tasks: readonly string[]) =>
  buildProjectCode(defineProject({ name: 'words', title: 'Words', tasks }), pathsOf(folder, configSchema.parse({})));
async function call(
  code: Pick<Awaited<ReturnType<typeof build>>, 'tasks'>,
  name: string,
  params: object,
): Promise<unknown> {
  const task = code.tasks.find((each) => each.name === name);
  // Only an executor calls it with everything; none of these tasks reads more of its context than params.
  return task?.run({ params } as Parameters<typeof task.run>[0]);
}

describe('the code of a project', () => {
  it('is that which was hashed, whatever the disk holds later', async () => {
    const code = await build('tasks.ts');
    expect([...code.fingerprints.keys()]).toEqual(['greet', 'whereabouts', 'broken']);
    await put('greeting.ts', "export const greeting = 'goodbye ';\n");
    const elsewhere = await loadProjectCode(code.index);
    expect(await call(elsewhere, 'greet', { who: 'ann' })).toEqual({ text: 'hello ann!' });
    expect(elsewhere.fingerprints).toEqual(code.fingerprints);
    const edited = await build('tasks.ts');
    expect(await call(edited, 'greet', { who: 'ann' })).toEqual({ text: 'goodbye ann!' });
    expect(edited.fingerprints.get('greet')).not.toBe(code.fingerprints.get('greet'));
    expect(edited.fingerprints.get('whereabouts')).toBe(code.fingerprints.get('whereabouts'));
  });

  it('is kept once under its fingerprint, and written again only when it is another', async () => {
    await build('tasks.ts');
    const kept = path.join(folder, '.weir', 'code');
    const before = await readdir(kept);
    await put('tasks.ts', `// A comment.\n${TASKS}`);
    const { fingerprints } = await build('tasks.ts');
    const files = [...fingerprints.values()].map((fingerprint) => `${fingerprint}.mjs`);
    expect(before).toEqual(expect.arrayContaining(files));
    expect((await readdir(kept)).filter((file) => file.endsWith('.mjs'))).toHaveLength(3);
  });

  it('finds its files beside its source, not beside the build', async () => {
    expect(await call(await build('tasks.ts'), 'whereabouts', {})).toEqual({ file: path.join(folder, 'data.csv') });
  });

  it('names the file and line of its source in its source map', async () => {
    const { fingerprints } = await build('tasks.ts');
    const kept = path.join(folder, '.weir', 'code');
    const text = await readFile(path.join(kept, `${fingerprints.get('broken')}.mjs`), 'utf8');
    const map = JSON.parse(Buffer.from(text.split('base64,')[1] ?? '', 'base64').toString());
    expect(map.sources.map((source: string) => path.resolve(kept, source))).toEqual([path.join(folder, 'tasks.ts')]);
  });

  it('imports the Weir that loads it, also after Weir has moved', async () => {
    const { fingerprints } = await build('tasks.ts');
    const file = path.join(folder, '.weir', 'code', `${fingerprints.get('greet')}.mjs`);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replaceAll('file:///', 'file:///elsewhere/'));
    // What is remembered of the builds tells whose they are.
    const memory = path.join(path.dirname(file), 'built.json');
    await writeFile(memory, JSON.stringify({ ...JSON.parse(await readFile(memory, 'utf8')), maker: 'elsewhere' }));
    await build('tasks.ts');
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('is nothing where the project has no tasks', async () => {
    expect(await build()).toMatchObject({ tasks: [], fingerprints: new Map() });
  });

  it('is refused when a file is not there, or does not build', async () => {
    await expect(build('task.ts')).rejects.toThrow(/names .*task\.ts among its tasks, and there is no such file/);
    await mkdir(path.join(folder, 'more'));
    await put('more/tasks.ts', "import { no } from './no.ts';\nexport const x = defineTask({ run: () => no });\n");
    await expect(build('more/tasks.ts')).rejects.toThrow(/does not build:\n.*more\/tasks\.ts:1: Could not resolve/);
  });
});
