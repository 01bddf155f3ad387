import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { writeServerFile } from '../../../../src/app/serve/server-file.ts';
import { createTestDatabase } from '../../../postgres/create-test-database.ts';
import { type Ended, runWeir } from './run-weir.ts';

let database: Database;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-api-keys-'));
  const state = path.join(folder, '.weir');
  await mkdir(state);
  await writeFile(path.join(folder, 'project.ts'), 'export default {}');
  // As a Weir that runs over the project notes it.
  await writeServerFile(state, { url: 'http://127.0.0.1:9', databaseUrl: database.url });
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const weir = (...args: readonly string[]): Promise<Ended> => runWeir(args, folder);
const why = ['--by', 'ann', '--reason', 'test'] as const;

describe('weir keys', () => {
  it('creates a key, which alone is on standard output, lists it without its secret, and revokes it once', async () => {
    expect((await weir('keys')).out).toMatch(/^There is no API key yet/);
    const created = await weir('keys', 'create', 'checkout', '--role', 'operator', ...why);
    expect(created).toMatchObject({ code: 0, out: expect.stringMatching(/^weir_[0-9a-f]{10}_[0-9a-f]{64}\n$/) });
    expect(created.err).toMatch(/\(operator\) is valid until \d{4}-.*keep it now/);
    const [, prefix = '', secret = ''] = created.out.trim().split('_');
    const listed = await weir('keys');
    expect(listed.out).toMatch(new RegExp(`${prefix} +checkout +operator +until \\S+ +never +ann`));
    expect(listed.out).not.toContain(secret);
    const revoked = await weir('keys', 'revoke', created.out.trim(), ...why);
    expect(revoked).toMatchObject({ code: 0, out: `The key ${prefix} of checkout is revoked\n` });
    expect(await weir('keys', 'revoke', prefix, ...why)).toMatchObject({
      code: 1,
      err: expect.stringContaining('was revoked on'),
    });
    expect((await weir('keys')).out).toMatch(/revoked \S+ by ann/);
    const recorded = await database.query(
      'select action, actor_kind, actor, target, reason, outcome, code from audit_log order by id',
    );
    const of = { actor_kind: 'command', actor: 'ann', reason: 'test' };
    const done = { ...of, target: `prefix=${prefix}`, outcome: 'done', code: null };
    expect(recorded).toEqual([
      { action: 'createApiKey', ...done },
      { action: 'revokeApiKey', ...done },
      { action: 'revokeApiKey', ...of, target: `key=${prefix}`, outcome: 'failed', code: expect.any(String) },
    ]);
    expect(JSON.stringify(await database.query('select audit_log::text as row from audit_log'))).not.toContain(secret);
  });

  it('creates a key that does not expire, and says what a name and a role must be', async () => {
    const { out } = await weir('keys', 'create', 'x', '--role', 'viewer', '--days', '0', '--json', ...why);
    expect(JSON.parse(out)).toMatchObject({ apiKey: { name: 'x', role: 'viewer', expiresAt: null } });
    expect((await weir('keys', 'create', '\u0007', '--role', 'viewer', ...why)).err).toMatch(
      /Expected a name of 1 to 100/,
    );
    expect((await weir('keys', 'create', 'x', '--role', 'root', ...why)).code).not.toBe(0);
    expect((await weir('keys', 'revoke', 'nothing', ...why)).err).toMatch(/Expected the id or prefix of an API key/);
  });
});
