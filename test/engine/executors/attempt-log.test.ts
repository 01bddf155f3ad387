import { describe, expect, it } from 'vitest';
import { createAttemptLog, LOG_LENGTH_MAX } from '../../../src/engine/execute/attempt-log.ts';

describe('the log of an attempt', () => {
  it.each(['postgres://weir:sw0rdfish@db/x', 'https://weir:sw0rdfish@db/x'])(
    'shows no part of the password of %s in a line so long that it is told in parts',
    (address) => {
      for (let at = 1; at < address.length; at++) {
        const log = createAttemptLog();
        log.print('stderr', `${'.'.repeat(LOG_LENGTH_MAX / 2 - at)}${address.slice(0, at)}`);
        log.print('stderr', `${address.slice(at)} is away\n`);
        expect(log.text(), String(at)).not.toMatch(/sw0|fish|sh@/);
        expect(log.text()).toMatch(/\/\/\*\*\*@db\/x is away$/);
      }
    },
  );
});
