import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runWeir } from './run-weir.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'weir-secrets-'));
  writeFileSync(
    path.join(folder, 'project.ts'),
    `throw new Error('no such table at postgres://weir:s3c@re/t@warehouse/weir?password=s3c');`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what a command prints', () => {
  it.each([[['serve']], [['run', 'train']]])('holds no password of an address in an error: %j', async (args) => {
    const nowhere = { DATABASE_URL: 'postgres://weir:p@ss@127.0.0.1:1/weir' };
    const { err } = await runWeir([...args, '--project', folder], folder, nowhere);
    expect(err).toContain('postgres://***@warehouse/weir?password=***');
    expect(err).not.toMatch(/s3c|re\/t/);
  });

  it('names the database that does not answer, and nothing of its password', async () => {
    rmSync(path.join(folder, 'project.ts'));
    writeFileSync(
      path.join(folder, 'project.ts'),
      `export default { title: 'Empty', tasks: [], pipelines: [], sources: [] };`,
    );
    const nowhere = { DATABASE_URL: 'postgres://weir:p@ss@127.0.0.1:1/weir' };
    const { err } = await runWeir(['serve', '--project', folder], folder, nowhere);
    expect(err).toContain('Could not use the database weir at 127.0.0.1:1');
    expect(err).not.toMatch(/p@ss|\bss\b/);
  });
});
