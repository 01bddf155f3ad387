import { describe, expect, it } from 'vitest';
import { EngineError } from '#engine';
import { ServerError } from '#server';
import { StoreError } from '#store';
import { ANSWERS } from '../../src/server/answers.ts';
import { SERVER_ERRORS } from '../../src/server/errors.ts';
import { toLoggedError } from '../../src/server/plugins/logging.ts';
import { toServerError } from '../../src/server/to-server-error.ts';

describe('a refusal of a part', () => {
  const REFUSALS = Object.entries(ANSWERS).flatMap(([part, answers]) =>
    Object.entries(answers).map(([code, answer]) => ({ part, code, answer })),
  );

  it.each(REFUSALS.filter(({ answer }) => answer !== 'internal'))(
    '$part: $code is answered as $answer, with its message, and never as a failure inside',
    ({ part, code, answer }) => {
      const refusal = Object.assign(new Error('What to do instead.'), { part, code });
      const answered = toServerError(refusal, '');
      expect(answered).toMatchObject({ code: answer, status: SERVER_ERRORS[answer].status, cause: refusal });
      expect(answered.status).not.toBe(500);
      if (part !== 'store') expect(answered.message).toBe('What to do instead.');
    },
  );

  it('says so although another error was thrown because of it', () => {
    const refusal = new EngineError('retry_refused', 'Another run works on the interval of run 3.');
    expect(toServerError(new Error('no', { cause: refusal }), '')).toMatchObject({
      code: 'retry_refused',
      status: 409,
      message: refusal.message,
    });
  });
});

describe('an error from inside', () => {
  it('never shows what it says', () => {
    const answer = toServerError(new Error('select secret from passwords'), 'request-7');
    expect(answer).toMatchObject({ code: 'internal', status: 500, message: expect.stringContaining('request-7') });
    expect(answer.message).not.toContain('secret');
  });

  it('of a database that is away says try again, though others wrapped it', () => {
    const away = new StoreError(
      'database_unreachable',
      'The database cannot be reached at the moment: connect ECONNREFUSED',
    );
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
