import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { sampleRepeats } from '../../../../src/app/serve/log/sampling.ts';

function sampledLog() {
  const lines: Record<string, unknown>[] = [];
  let now = 0;
  const log = pino(
    { level: 'debug', hooks: { logMethod: sampleRepeats(() => now) } },
    { write: (line: string) => void lines.push(JSON.parse(line)) },
  );
  return {
    log,
    lines,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('a log that samples repetitions', () => {
  it('writes the first five a minute of what says the same, then how many it left out', () => {
    const { log, lines, pass } = sampledLog();
    for (let time = 0; time < 1000; time += 1) log.error({ err: new Error('away') }, 'request failed');
    expect(lines).toHaveLength(5);
    pass(60_000);
    log.error({ err: new Error('away') }, 'request failed');
    expect(lines).toHaveLength(6);
    expect(lines[5]).toMatchObject({ left: 995, msg: 'request failed', err: { message: 'away' } });
  });

  it('counts the children of a log together, whatever request they are for', () => {
    const { log, lines } = sampledLog();
    for (let request = 0; request < 100; request += 1)
      log.child({ request }).warn({ code: 'overloaded' }, 'request failed');
    expect(lines).toHaveLength(5);
  });

  it('writes what says something else', () => {
    const { log, lines } = sampledLog();
    for (let number = 0; number < 20; number += 1) log.error({ err: new Error(`fault ${number}`) }, 'failed');
    for (const code of ['overloaded', 'database_unreachable']) log.warn({ code }, 'failed');
    log.info('started');
    expect(lines).toHaveLength(23);
  });

  it('writes every line for debugging', () => {
    const { log, lines } = sampledLog();
    for (let time = 0; time < 20; time += 1) log.debug('again');
    expect(lines).toHaveLength(20);
  });

  it('says how many it left out also of bare messages', () => {
    const { log, lines, pass } = sampledLog();
    for (let time = 0; time < 8; time += 1) log.warn('disk is full');
    pass(60_000);
    log.warn('disk is full');
    expect(lines.at(-1)).toMatchObject({ left: 3, msg: 'disk is full' });
  });
});
