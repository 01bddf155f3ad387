import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const styles = path.dirname(createRequire(import.meta.url).resolve('@mantine/core/styles/Table.css'));
const IMPORT = /import \{([^}]*)\} from '@mantine\/core'/g;

describe('the styles of the web app', () => {
  it('have those of each component of Mantine that it uses', () => {
    const imported = ['mantine.css', 'style-pages.css']
      .map((file) => readFileSync(path.join('src/web', file), 'utf8'))
      .join('\n');
    const missing: string[] = [];
    for (const file of readdirSync('src/web', { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.tsx'),
    )) {
      for (const [, names = ''] of readFileSync(path.join('src/web', file), 'utf8').matchAll(IMPORT)) {
        const used = names.match(/\b[A-Z]\w*/g) ?? [];
        const styled = used.filter((name) => existsSync(path.join(styles, `${name}.css`)));
        missing.push(...styled.filter((name) => !imported.includes(`/${name}.css`)));
      }
    }
    expect(missing).toEqual([]);
    expect(imported).toContain('/Table.css');
  });
});
