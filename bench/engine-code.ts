import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCodeBuilder } from '#engine';
import type { CodeFigures } from './engine-figures.ts';

const HELPERS = 10;

/** The build of a project with that many tasks, each in a file of its own and reaching helpers: first, after one change, after none. */
export async function measureCode(tasks: number, scratch: string): Promise<CodeFigures> {
  const root = path.join(scratch, `code-${process.pid}`);
  mkdirSync(path.join(root, 'helpers'), { recursive: true });
  symlinkSync(fileURLToPath(new URL('../node_modules', import.meta.url)), path.join(root, 'node_modules'));
  for (let index = 0; index < HELPERS; index++)
    writeFileSync(path.join(root, `helpers/helper-${index}.ts`), helperSource(index));
  const files = Array.from({ length: tasks }, (_, index) => `task-${index}.ts`);
  for (const [index, file] of files.entries()) writeFileSync(path.join(root, file), taskSource(index, 'first'));
  const builder = await createCodeBuilder({ root, files, folder: path.join(root, 'code') });
  const build = async (): Promise<number> => {
    const started = performance.now();
    const built = await builder.build();
    if (built.length !== tasks) throw new Error(`Expected ${tasks} tasks to be built; got ${built.length}.`);
    return (performance.now() - started) / 1000;
  };
  try {
    const firstSeconds = await build();
    writeFileSync(path.join(root, 'task-0.ts'), taskSource(0, 'second'));
    return { tasks, firstSeconds, changedSeconds: await build(), unchangedSeconds: await build() };
  } finally {
    await builder.close();
    rmSync(root, { recursive: true, force: true });
  }
}

const helperSource = (index: number): string => `
${index + 1 < HELPERS ? `import { step as next } from './helper-${index + 1}.ts';` : 'const next = (text: string): string => text;'}
/** Some work that tasks share. */
export function step(text: string): string {
  return next(text.trim().replaceAll('${index}', ''));
}
export const unused${index} = (rows: readonly number[]): number => rows.reduce((sum, row) => sum + row, 0);
`;

const taskSource = (index: number, word: string): string => `
import { z } from 'zod';
import { defineTask, value } from 'weir';
import { step } from './helpers/helper-${index % HELPERS}.ts';

export const task${index} = defineTask({
  name: 'task-${index}',
  params: z.object({ text: z.string() }),
  outputs: { text: value<string>() },
  run: async ({ params }) => ({ text: step(params.text) + '${word} ${index}' }),
});
`;
