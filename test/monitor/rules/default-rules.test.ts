import { describe, expect, it } from 'vitest';
import { defaultRules } from '#monitor';

const YEAR = 366 * 1440;
const MINUTES = { second: 1 / 60, 'minute and a half': 1.5, hour: 60, week: 7 * 1440, 'leap year': 4 * YEAR };

describe('the default rules', () => {
  it.each(Object.entries(MINUTES))('are valid for a project whose pipelines run once each %s', (_, intervalMinutes) => {
    const schedules = ['ingest', 'predict', 'train'].map((pipeline) => ({ pipeline, intervalMinutes }));
    const rules = defaultRules({ hasModel: true, tolerance: 0.01, schedules });
    const intervals = rules.flatMap(({ params }) => params.intervalMinutes ?? []);
    expect(new Set(intervals)).toEqual(new Set([Math.min(Math.ceil(intervalMinutes), YEAR)]));
    expect(rules.map(({ name }) => name)).toEqual(expect.arrayContaining(['no-file', 'ingest-late', 'train-failed']));
  });
});
