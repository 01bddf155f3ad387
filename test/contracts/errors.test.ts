import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONTRACT_ERRORS } from '../../src/contracts/errors.ts';

describe('the documentation of errors', () => {
  it('lists what contracts can refuse, word for word', async () => {
    const page = await readFile(path.join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
    const [, section = ''] = page.split('## Contracts\n');
    const lines = section.split('\n## ')[0]?.matchAll(/^\| `(\w+)` \| (.*) \|$/gm) ?? [];
    expect(Object.fromEntries([...lines].map(([, code, meaning]) => [code, meaning]))).toEqual(CONTRACT_ERRORS);
  });
});
