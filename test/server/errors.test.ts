import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SERVER_ERRORS, ServerError } from '#server';
import { DatabaseUnreachableError } from '#store';
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

  it('of a database that is away says try again, though others wrapped it', () => {
    const away = new DatabaseUnreachableError('The database cannot be reached at the moment: connect ECONNREFUSED');
    for (const error of [away, new Error('no', { cause: new Error('nor here', { cause: away }) })])
      expect(toServerError(error, '')).toMatchObject({ code: 'database_unreachable', status: 503 });
  });

  it('is logged without the password that an address carries', () => {
    const cause = new Error('cannot reach postgres://weir:hunter2@127.0.0.1:5432/weir');
    const logged = JSON.stringify(toLoggedError(new ServerError('internal', 'failed', { cause })));
    expect(logged).toContain('127.0.0.1:5432');
    expect(logged).not.toContain('hunter2');
  });
});
