import { describe, expect, it } from 'vitest';
import { maybeProblemText, toAddressAfterLogin } from '../../src/web/access/login-words.ts';
import { maybePassword, problemsOf } from '../../src/web/access/new-password.ts';
import { listDifferences } from '../../src/web/pages/audit/difference.ts';
import { actionsOf } from '../../src/web/pages/users/user-action.ts';
import { denialOf } from '../../src/web/session.ts';
import { localSession, noSession, userSession } from '../e2e/web/made-up-access.ts';

describe('the login', () => {
  const addressAfter = (address: string) => toAddressAfterLogin(new URL(address, 'http://weir'));

  it('leads back to the address that was asked for, and never to another machine', () => {
    expect(addressAfter('/runs?state=failed#x')).toBe('/runs?state=failed#x');
    expect(addressAfter('/login?to=%2Fdata%3Fverdict%3Dfail')).toBe('/data?verdict=fail');
    for (const to of ['//evil.example', '/\\evil.example', 'https://evil.example', '/login?to=/x', ''])
      expect(addressAfter(`/login?to=${encodeURIComponent(to)}`)).toBe('/');
  });

  it('says why the identity provider gave no session', () => {
    expect(maybeProblemText('group_missing')).toContain('none of the groups');
    expect(maybeProblemText('<script>')).toBeUndefined();
    expect(maybeProblemText(null)).toBeUndefined();
  });
});

describe('a new password', () => {
  const long = 'a few words are good';

  it('is taken when it is long enough and typed twice alike', () => {
    expect(maybePassword({ first: long, second: long })).toBe(long);
    expect(maybePassword({ first: long, second: `${long}!` })).toBeUndefined();
    expect(maybePassword({ first: 'short', second: 'short' })).toBeUndefined();
    expect(maybePassword({ first: '', second: '' })).toBeUndefined();
  });

  it('is explained while it is typed', () => {
    expect(problemsOf({ first: 'short', second: '' }).first).toBe('Expected at least 12 characters, got 5');
    expect(problemsOf({ first: long, second: 'a' }).second).toBe('The two differ');
    expect(problemsOf({ first: '', second: '' })).toEqual({});
  });
});

describe('a role', () => {
  it('is the reason why a control is disabled', () => {
    expect(denialOf(userSession('viewer'), 'operator')).toBe(
      'Needs the role operator; you are viewer. An admin can change your role.',
    );
    for (const session of [userSession('operator'), userSession('admin'), localSession, noSession, undefined])
      expect(denialOf(session, 'operator')).toBeUndefined();
  });
});

describe('a user', () => {
  it('can be changed as their state and their login allow', () => {
    expect(actionsOf({ state: 'active', origin: 'password', sessions: 1 })).toEqual([
      ...['role', 'reset', 'end-sessions', 'disable'],
    ]);
    expect(actionsOf({ state: 'active', origin: 'oidc', sessions: 0 })).toEqual(['disable']);
    expect(actionsOf({ state: 'disabled', origin: 'password', sessions: 0 })).toEqual(['enable']);
  });
});

describe('a change in the audit log', () => {
  it('is shown by the values that differ, however deep, and by nothing else', () => {
    const before = { champion: 2, schedule: { minutes: 10, paused: false }, tags: ['a'] };
    const after = { champion: 3, schedule: { minutes: 10, paused: true }, tags: ['a'], by: 'ada' };
    expect(listDifferences(before, after)).toEqual([
      { path: 'champion', before: 2, after: 3 },
      { path: 'schedule.paused', before: false, after: true },
      { path: 'by', before: undefined, after: 'ada' },
    ]);
    expect(listDifferences(null, 'x')).toEqual([{ path: '', before: null, after: 'x' }]);
  });
});
