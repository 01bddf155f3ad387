import { describe, expect, it } from 'vitest';
import { TaskError } from '#engine';
import { StoreError } from '#store';
import { classifyError, toFailureRecord } from '../../../src/engine/define/failure.ts';

const withCode = (code: string): Error => Object.assign(new Error('no'), { code });

describe('the class of an error', () => {
  it.each([
    ['a lost connection of ours', new StoreError('database_unreachable', 'The database cannot be reached.')],
    ['a pool without a free connection', new Error('timeout exceeded when trying to connect')],
    ['a connection that ended', new Error('Connection terminated unexpectedly')],
    ['a server that shuts down', withCode('57P01')],
    ['a deadlock', withCode('40P01')],
    ['a refused socket', withCode('ECONNREFUSED')],
    ['a request whose other side is gone', new TypeError('fetch failed', { cause: withCode('UND_ERR_SOCKET') })],
    ['a disk that is full', withCode('ENOSPC')],
    ['a killed process of DuckDB', new StoreError('duckdb_ended', 'The DuckDB process ended unexpectedly (SIGKILL).')],
    ['one of these as a cause', new Error('could not write', { cause: new Error('Connection terminated') })],
  ])('is infrastructure for %s', (_, error) => {
    expect(classifyError(error)).toBe('infrastructure');
  });

  it.each([
    ['a statement that took too long', withCode('57014')],
    ['a syntax error of SQL', withCode('42601')],
    ['a statement that DuckDB refuses', new StoreError('duckdb_statement', 'Parser Error')],
    ['a file that needs too much memory', new StoreError('duckdb_memory', 'The DuckDB process held 1.5 GB.')],
    ['a wrong password', withCode('28P01')],
    ['an error of the code', new TypeError('rows is not iterable')],
    ['something that is no error', 'Connection terminated'],
    [
      'an error that cannot be read',
      Object.defineProperty(new Error('Connection terminated'), 'code', {
        get: () => {
          throw new Error('no');
        },
      }),
    ],
    ['a task that says so itself', new TaskError('no', { class: 'user', cause: withCode('57P01') })],
  ])('is user for %s', (_, error) => {
    expect(classifyError(error)).toBe('user');
  });
});

describe('the record of an error', () => {
  it('shows no half of a password, wherever its text is cut', () => {
    for (let length = 3_900; length <= 4_000; length++) {
      const error = new Error(`${' '.repeat(length)}postgres://weir:s3c@r/et@db/weir`);
      const { message, stack } = toFailureRecord(error);
      expect(message).not.toMatch(/s3c|r\/et/);
      expect(stack).not.toMatch(/s3c|r\/et/);
    }
  });
});
