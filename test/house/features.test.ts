import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { pages, RUN_EVENTS_PATH, reportFilePath, routes } from '#api';
import { runWeir } from '../app/cli/commands/run-weir.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

interface Row {
  readonly feature: string;
  readonly reached: readonly string[];
  readonly tests: readonly string[];
}

const codeIn = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

const rows: readonly Row[] = textOf('docs/features.md')
  .split('\n')
  .filter((line) => /^\| (?!feature \|)/.test(line))
  .map((line) => {
    const [, feature = '', reached = '', tests = ''] = line.split('|');
    return { feature: feature.trim(), reached: [...codeIn(feature), ...codeIn(reached)], tests: codeIn(tests) };
  });

const named = new Set(rows.flatMap(({ reached }) => reached));
const commands = [...named].filter((name) => name.startsWith('weir '));
const allRoutes: readonly string[] = [
  ...Object.values(routes).map((route) => `${route.method} ${route.path}`),
  ...[RUN_EVENTS_PATH, reportFilePath(':id'), '/metrics'].map((at) => `GET ${at}`),
];
const allPages: readonly string[] = Object.values(pages);
const settings = codeIn(textOf('docs/settings.md'));
/** What the library exports, as `library.test.ts` proves it. */
const exported = new Set(textOf('test/golden/library.txt').split('\n'));
const isThere = (name: string): boolean =>
  allRoutes.includes(name) ||
  allPages.includes(name) ||
  settings.includes(name) ||
  exported.has(name) ||
  (/^[\w-]+\/$/.test(name) && existsSync(path.join(root, name)));

describe('the page of features', () => {
  it('has a way to each feature, and a test that is there', () => {
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter(({ reached }) => reached.length === 0)).toEqual([]);
    const missing = rows.filter(
      ({ tests }) => tests.length === 0 || !tests.every((test) => existsSync(path.join(root, test))),
    );
    expect(missing).toEqual([]);
  });

  it('names no page, route, setting or export that is not there', () => {
    expect([...named].filter((name) => !name.startsWith('weir ') && !isThere(name))).toEqual([]);
  });

  it.each(commands)('names %s, which is there', async (command) => {
    const { code, out } = await runWeir([...command.split(' ').slice(1), '--help'], root);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(`Usage: ${command} `) });
  });

  it('names every page and every route', () => {
    expect([...allPages, ...allRoutes].filter((name) => !named.has(name))).toEqual([]);
  });

  it('names every command and every subcommand', async () => {
    const families = ['weir', 'weir models', 'weir pins', 'weir sources'];
    for (const family of families) {
      const { out } = await runWeir([...family.split(' ').slice(1), '--help'], root);
      const listed = [...(out.split('Commands:')[1] ?? '').matchAll(/^ {2}([a-z]+)/gm)].map(
        ([, name]) => `${family} ${name}`,
      );
      expect(listed.length, family).toBeGreaterThan(1);
      expect(listed.filter((name) => !name.endsWith(' help') && !named.has(name))).toEqual([]);
    }
  });
});
