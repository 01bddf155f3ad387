import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadTemporal } from '../../../src/app/serve/temporal-packages.ts';

describe('the transport over Temporal without its packages', () => {
  it('is refused with the command that installs those it is tested with', async () => {
    const own = await readFile(new URL('../../../.ci/temporal/package.json', import.meta.url), 'utf8');
    const { dependencies } = JSON.parse(own) as { readonly dependencies: Readonly<Record<string, string>> };
    const error = await loadTemporal().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'config_invalid', message: expect.stringContaining('npm install ') });
    for (const [name, version] of Object.entries(dependencies))
      expect(error).toHaveProperty('message', expect.stringContaining(` ${name}@${version}`));
  });
});
