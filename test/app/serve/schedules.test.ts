import { describe, expect, it } from 'vitest';
import type { Pipeline } from '#engine';
import { configSchema } from '../../../src/app/project/config.ts';
import { schedulesOf } from '../../../src/app/serve/wire.ts';

const pipelines = ['ingest', 'report'].map(
  (name): Pipeline => ({ name, description: '', plan: async () => ({ kind: 'run', goals: [], params: {} }) }),
);
const schedules = (given: object) => schedulesOf(configSchema.parse({ schedules: given }), pipelines);

describe('the schedules of a project', () => {
  it('are those of its pipelines; the defaults of pipelines it has not are left out', () => {
    expect(schedules({ report: '0 6 * * *' })).toEqual([
      { pipeline: 'ingest', cron: '* * * * *', timeZone: 'UTC' },
      { pipeline: 'report', cron: '0 6 * * *', timeZone: 'UTC' },
    ]);
  });

  it('say what becomes of ticks that were missed, and have a time zone of their own', () => {
    const report = { cron: '0 6 * * *', timeZone: 'Europe/Madrid', catchUp: { atMost: 3 }, overlap: 'queue' };
    expect(schedules({ ingest: 'off', timeZone: 'Asia/Tokyo', report })).toEqual([{ pipeline: 'report', ...report }]);
  });

  it('leave out what is off', () => {
    expect(schedules({ ingest: { cron: 'off', catchUp: 'all' } })).toEqual([]);
  });

  it('are refused when they name a pipeline that is not there', () => {
    expect(() => schedules({ rapport: '* * * * *' })).toThrow(
      /schedules\.rapport .*Its pipelines: ingest, report\. Did you mean schedules\.report\?/,
    );
  });

  it.each([
    { cron: '* * * * *', overlap: 'wait' },
    { cron: '* * * * *', catchUp: { atMost: 0 } },
    { catchUp: 'all' },
    5,
  ])('are refused as %j', (report) => {
    expect(() => schedules({ report })).toThrow();
  });
});
