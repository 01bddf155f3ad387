import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SERVER_ERRORS, ServerError } from '#server';
import { toServerError } from '../../src/server/plugins/errors.ts';
import { toLoggedError } from '../../src/server/plugins/logging.ts';

describe('the table of errors', () => {
  it('is the one that docs/errors.md shows', () => {
    const docs = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
    const section = docs.split(/^## /m).find((part) => part.startsWith('Server\n')) ?? '';
    const shown = [...section.matchAll(/^\| `(\w+)` \| (\d+) \| (.+) \|$/gm)].map(([, code, status, message]) => [
      code,
      { status: Number(status), message },
    ]);
    expect(Object.fromEntries(shown)).toEqual(SERVER_ERRORS);
  });
});

describe('an error from inside', () => {
  it('never shows what it says', () => {
    const answer = toServerError(new Error('select secret from passwords'), 'request-7');
    expect(answer).toMatchObject({ code: 'internal', status: 500, message: expect.stringContaining('request-7') });
    expect(answer.message).not.toContain('secret');
  });

  it.each([
    ['ECONNREFUSED', 'a connection refused'],
    ['57P01', 'a server that shuts down'],
  ])('of a database that is away (%s, %s) says try again', (code) => {
    const error = new Error('no', { cause: Object.assign(new Error('away'), { code }) });
    expect(toServerError(error, '')).toMatchObject({ code: 'database_unreachable', status: 503 });
  });

  it('is logged without the password that an address carries', () => {
    const cause = new Error('cannot reach postgres://weir:hunter2@127.0.0.1:5432/weir');
    const logged = JSON.stringify(toLoggedError(new ServerError('internal', 'failed', { cause })));
    expect(logged).toContain('127.0.0.1:5432');
    expect(logged).not.toContain('hunter2');
  });
});
