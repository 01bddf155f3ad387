import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const blocks = [...textOf('docs/projects.md').matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(
  ([, language = '', file, code = '']) => ({ language, file, code: code.trim() }),
);

// The files are type-checked with everything else, tested where they lie, and run by test/app/cli/commands/guide.test.ts.
describe('the guide to projects', () => {
  it('shows code that stands in a project which tests run', () => {
    const named = blocks.flatMap(({ file, code }) => (file === undefined ? [] : [{ file, code }]));
    expect(named.length).toBeGreaterThan(8);
    for (const { file, code } of named) expect(textOf(file)).toContain(code);
  });

  it('shows no other code of a project', () => {
    expect(blocks.filter(({ file, language }) => file === undefined && !['sh', 'json'].includes(language))).toEqual([]);
  });
});
