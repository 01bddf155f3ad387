import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Logins } from '#access';
import { readSecret } from '../../../../src/app/cli/read-secret.ts';
import { writeServerFile } from '../../../../src/app/serve/server-file.ts';
import { createWorkbench, type Workbench } from '../../../engine/fixtures/workbench.ts';
import { type Ended, runWeir, runWeirTyping } from './run-weir.ts';

const client = { address: '192.0.2.1', browser: '' };
const why = ['--by', 'ann', '--reason', 'she joins the team'] as const;
const password = 'tram window yellow soup';

let bench: Workbench;
let logins: Logins;
beforeAll(async () => {
  bench = await createWorkbench();
  const state = path.join(bench.folder, '.weir');
  await mkdir(state);
  await writeFile(path.join(bench.folder, 'project.ts'), 'this does not build: it is being edited');
  await writeServerFile(state, { url: 'http://127.0.0.1:9', databaseUrl: bench.database.url });
  logins = new Logins({ database: bench.database, lifetimes: { hours: 1, idleMinutes: 60 } });
});
afterAll(() => bench.close());

const weir = (...args: readonly string[]): Promise<Ended> => runWeir(['users', ...args], bench.folder);

describe('weir users', () => {
  it('creates a user with a one-time link, and nothing but the link is on standard output', async () => {
    expect((await weir()).out).toContain('There is no user yet');
    const { code, out, err } = await weir('create', 'ada', '--role', 'admin', ...why);
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining('ada (admin) sets a password') });
    expect(out).toMatch(/^http:\/\/127\.0\.0\.1:8080\/setup#token=[0-9a-f]{64}&name=ada\n$/);
    const token = new URLSearchParams(new URL(out).hash.slice(1)).get('token') ?? '';
    expect(await logins.setUp({ token, password, ...client })).toMatchObject({ name: 'ada', role: 'admin' });
    expect(JSON.parse((await weir('list', '--json')).out).items).toMatchObject([{ name: 'ada', state: 'active' }]);
  });

  it('creates a user with a password that is typed, and prints it nowhere', async () => {
    const args = ['users', 'create', 'bea', '--role', 'viewer', '--password', ...why];
    expect((await runWeirTyping('short', args, bench.folder)).err).toContain('12 to 256 characters');
    const { out, err } = await runWeirTyping(password, args, bench.folder);
    expect(out).toBe('bea (viewer) can log in\n');
    expect(out + err).not.toContain(password);
    expect(await logins.logIn({ name: 'bea', password, ...client })).toMatchObject({ role: 'viewer' });
  });

  it('takes no password as an argument', async () => {
    expect((await weir('create', 'eve', '--role', 'viewer', '--password', password, ...why)).code).toBe(64);
  });

  it('changes role and state, and resets', async () => {
    const session = await logins.logIn({ name: 'bea', password, ...client });
    expect((await weir('role', 'BEA', '--role', 'operator', ...why)).out).toBe(
      'bea is active, with the role operator\n',
    );
    expect(await logins.sessions.find(session.token)).toBeUndefined();
    expect((await weir('disable', 'bea', ...why)).out).toBe('bea is disabled, with the role operator\n');
    expect((await weir('enable', 'bea', ...why)).out).toBe('bea is active, with the role operator\n');
    expect((await weir('reset', 'bea', ...why)).out).toContain('/setup#token=');
    await expect(logins.logIn({ name: 'bea', password, ...client })).rejects.toMatchObject({ code: 'login_refused' });
    expect((await weir('list')).out).toMatch(/bea +operator +invited +password/);
    const recorded = await bench.database.query(
      "select actor_kind, actor, action, reason from audit_log where target = 'user=bea' order by id",
    );
    expect(recorded).toEqual(
      ['createUser', 'changeUserRole', 'disableUser', 'enableUser', 'resetUser'].map((action) => ({
        ...{ actor_kind: 'command', actor: 'ann', action, reason: 'she joins the team' },
      })),
    );
  });

  it.each([
    [['disable', 'nobody', ...why], /no user named "nobody"/],
    [['disable', 'ada', ...why], /the last admin/],
    [['create', 'ada', '--role', 'viewer', ...why], /a user named "ada" already/],
    [['create', 'a\u0007b', '--role', 'viewer', ...why], /printable characters/],
    [['create', 'fay', ...why], /--role/],
  ] as const)('refuses %j', async (args, said) => {
    expect(await weir(...args)).toMatchObject({ code: 64, err: expect.stringMatching(said) });
  });
});

describe('a secret', () => {
  it('is the first line of an input that is no terminal', async () => {
    expect(await readSecret('Password: ', Readable.from(['a long pass', 'word\nmore\n']))).toBe('a long password');
    await expect(readSecret('Password: ', Readable.from([]))).rejects.toThrow('the input was empty');
  });
});
