import { describe, expect, it } from 'vitest';
import { toPlace } from '../../../src/web/components/shortcuts.ts';
import { toOffsetText } from '../../../src/web/format.ts';
import { maybeEarlier } from '../../../src/web/pages/drift/earlier.ts';
import { toCompared } from '../../../src/web/pages/models/compared.ts';
import { filterLines, toPieces } from '../../../src/web/pages/runs/log-lines.ts';
import { retriable, retryRuns } from '../../../src/web/pages/runs/retry-runs.ts';
import { toModelsSearch } from '../../../src/web/search.ts';

describe('the log of an attempt', () => {
  it('has links for addresses, without what ends the sentence around them', () => {
    expect(toPieces('See (https://a.example/x?y=1#z), or http://b.example.')).toEqual([
      { kind: 'text', text: 'See (' },
      { kind: 'link', text: 'https://a.example/x?y=1#z' },
      { kind: 'text', text: '), or ' },
      { kind: 'link', text: 'http://b.example' },
      { kind: 'text', text: '.' },
    ]);
    expect(toPieces('javascript:alert(1) <b>')).toEqual([{ kind: 'text', text: 'javascript:alert(1) <b>' }]);
  });

  it('is narrowed to the lines that contain each word', () => {
    const log = 'read a.csv\nWARN a.csv has 3 bad rows\nwarn b.csv';
    expect(filterLines(log, 'warn a.csv')).toEqual(['WARN a.csv has 3 bad rows']);
    expect(filterLines(log, ' ')).toHaveLength(3);
  });
});

describe('runs that are retried together', () => {
  it('are those that failed or were cancelled', () => {
    const states = ['failed', 'running', 'cancelled', 'succeeded'].map((state) => ({ state }));
    expect(retriable(states).map(({ state }) => state)).toEqual(['failed', 'cancelled']);
  });

  it('are tried one after the other, also behind one that is refused', async () => {
    const tried: number[] = [];
    const retry = async (id: string) => {
      if (id === '2') throw new Error('Run 2 is running.');
    };
    const retried = await retryRuns(['1', '2', '3'], { retry, onProgress: (count) => tried.push(count) });
    expect(retried).toEqual({ started: 2, refused: [{ id: '2', message: 'Run 2 is running.' }] });
    expect(tried).toEqual([1, 2, 3]);
  });
});

describe('a version without windows of drift', () => {
  it('leads to the version before it', () => {
    const versions = [{ version: 1 }, { version: 4 }, { version: 2 }];
    expect(maybeEarlier(versions, 4)).toBe(2);
    expect(maybeEarlier(versions, 1)).toBeUndefined();
    expect(maybeEarlier(versions, null)).toBeUndefined();
  });
});

describe('compared versions', () => {
  const versions = [7, 6, 5, 4, 3, 2].map((version) => ({ version }));

  it('are those that the address names, whatever else it names, and otherwise the newest', () => {
    expect(toModelsSearch({ compare: [2, '6', {}], served: '3' })).toEqual({ compare: ['2', '6'], served: 3 });
    expect(toCompared(versions, ['2', '6', '99'])).toEqual([{ version: 6 }, { version: 2 }]);
    expect(toCompared(versions, ['99'])).toEqual(versions.slice(0, 5));
    expect(toCompared(versions, [])).toEqual(versions.slice(0, 5));
  });
});

describe('shortcuts', () => {
  it('go to a page by g and a letter that follows soon', () => {
    expect(toPlace('r', { before: 'g', sinceMs: 200 })).toBe('/runs');
    expect(toPlace('r', { before: 'x', sinceMs: 200 })).toBeUndefined();
    expect(toPlace('r', { before: 'g', sinceMs: 5_000 })).toBeUndefined();
    expect(toPlace('z', { before: 'g', sinceMs: 200 })).toBeUndefined();
  });
});

describe('the zone', () => {
  it('is named by its distance to UTC', () => {
    expect([120, -210, 0, 345].map(toOffsetText)).toEqual(['UTC+2', 'UTC-3:30', 'UTC', 'UTC+5:45']);
  });
});
