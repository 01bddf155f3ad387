import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { pathsBelow } from './architecture/source-file.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = pathsBelow(root, '.').filter((file) => file.endsWith('.md'));
const textOf = (page: string) => readFileSync(path.join(root, page), 'utf8');
const matches = (page: string, pattern: RegExp) => [...textOf(page).matchAll(pattern)].map((match) => match[1] ?? '');

describe('the documentation', () => {
  it('has the pages a newcomer looks for', () => {
    expect(pages).toEqual(
      expect.arrayContaining(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/glossary.md']),
    );
  });

  it('links only to what is there', () => {
    const broken = pages.flatMap((page) =>
      matches(page, /\]\(([^)\s#]+)[^)]*\)/g)
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => !existsSync(path.join(root, path.dirname(page), link)))
        .map((link) => `${page} links to ${link}`),
    );
    expect(broken).toEqual([]);
  });

  it('names only files of the repository that are there', () => {
    const named = /`((?:src|scripts|test|docs|database|examples|bin)\/[\w./-]*\.(?:ts|tsx|mjs|md|sql|csv|json))`/g;
    const missing = pages.flatMap((page) =>
      matches(page, named)
        .filter((file) => !existsSync(path.join(root, file)))
        .map((file) => `${page} names ${file}`),
    );
    expect(missing).toEqual([]);
  });

  it('names only npm scripts that are there', () => {
    const { scripts } = JSON.parse(textOf('package.json'));
    const wrong = pages.flatMap((page) =>
      matches(page, /npm run ([a-z-]+)/g)
        .filter((name) => !(name in scripts))
        .map((name) => `${page} names npm run ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps what is pending on top of the changelog', () => {
    expect(matches('CHANGELOG.md', /^## (.+)$/gm)[0]).toBe('Pending');
  });
});
