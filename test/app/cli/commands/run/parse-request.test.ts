import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../../../../src/app/cli/commands/run/parse-request.ts';

describe('what a run is asked for', () => {
  it.each([
    [['nightly'], {}, { pipeline: 'nightly', params: {} }],
    [
      ['nightly'],
      { params: '{"day":"2026-01-31","limit":1}', param: ['limit=2', 'books=["a","b"]', 'note=a=b'] },
      { pipeline: 'nightly', params: { day: '2026-01-31', limit: 2, books: ['a', 'b'], note: 'a=b' } },
    ],
    [
      ['count(book=dawn)', 'count()'],
      {},
      {
        pipeline: 'goals',
        params: {
          goals: [
            { task: 'count', params: { book: 'dawn' } },
            { task: 'count', params: {} },
          ],
        },
      },
    ],
    [
      ['count()'],
      { param: ['book=dawn'] },
      { pipeline: 'goals', params: { goals: [{ task: 'count', params: { book: 'dawn' } }] } },
    ],
  ] as const)('is a pipeline, or goals with parentheses: %j %j', async (asked, flags, request) => {
    expect(await parseRequest(asked, flags)).toEqual(request);
  });

  it('may have its params in a file', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'weir-params-'));
    await writeFile(path.join(folder, 'p.json'), '{"day":"2026-01-31"}');
    const request = await parseRequest(['nightly'], { params: `@${path.join(folder, 'p.json')}` });
    expect(request.params).toEqual({ day: '2026-01-31' });
    await rm(folder, { recursive: true });
  });

  it.each([
    [['nightly', 'weekly'], {}, /one pipeline, or goals/],
    [['nightly', 'count(book=dawn)'], {}, /got nightly beside goals/],
    [['count(book=dawn)', 'count(book=dusk)'], { params: '{}' }, /inside the parentheses/],
    [['count(book=dawn)'], { param: ['seed=1'] }, /got both/],
    [['nightly'], { param: ['day'] }, /--param seed=1; got "day"/],
    [['nightly'], { param: ['day=1', 'day=2'] }, /got day twice/],
    [['nightly'], { params: '[1]' }, /one JSON object/],
    [['nightly'], { params: '@/no/such/file' }, /cannot be read/],
  ] as const)('is refused with what was expected: %j %j', async (asked, flags, words) => {
    await expect(parseRequest(asked, flags)).rejects.toThrow(words);
  });
});
