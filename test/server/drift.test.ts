import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drift, routes } from '#api';
import { type JudgedWindow, saveWindow } from '#monitor';
import { addChampion, ask, createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

type Score = JudgedWindow['scores'][number];

const score = (given: Pick<Score, 'column'> & Partial<Score>): Score => ({
  ...{ subject: 'feature', kind: 'distribution', test: 'kolmogorov-smirnov', rows: { reference: 700, current: 120 } },
  ...{
    effect: 0.04,
    effectMin: 0.1,
    pValue: 0.6,
    pValueMax: 0.05,
    threshold: 0.15,
    stabilityIndex: 0.02,
    stabilityThreshold: 0.1,
    importance: 0.1,
  },
  ...{ verdict: 'stable', driftedWindows: 0, isSustained: false, bins: [], examples: [] },
  ...given,
});

const bins = (first: number, second: number): Score['bins'] => [
  { kind: 'range', from: null, to: 2, reference: 350, current: first, stability: 0.1 },
  { kind: 'range', from: 2, to: null, reference: 350, current: second, stability: 0.1 },
];

const hour = (at: number): Date => new Date(Date.UTC(2026, 2, 1, at));

const window = (from: number, given: Partial<JudgedWindow>): JudgedWindow => ({
  ...{ model: 'parcels', version: 1, stream: 'data', from: hour(from), to: hour(from + 1), status: 'judged' },
  ...{
    rows: 120,
    sentence: `window ${from}`,
    sustained: { k: 2, n: 3 },
    scores: [],
    unjudged: [],
    files: [],
    runId: '1',
  },
  ...given,
});

describe('drift', () => {
  it('has no window yet, and says what is missing', async () => {
    const { status, json } = await ask(world, routes.drift);
    expect(status).toBe(200);
    expect(drift.parse(json).streams.map(({ stream, status: state, latest }) => [stream, state, latest])).toEqual([
      ['data', 'no-window', null],
      ['predictions', 'no-window', null],
    ]);
  });

  it('says so when there is no such version or window', async () => {
    const version = await world.server.inject({ url: `${routes.drift.path}?version=99` });
    expect([version.statusCode, version.json().code]).toEqual([404, 'model_unknown']);
    const window = await world.server.inject({ url: routes.driftWindow.path.replace(':id', '7') });
    expect([window.statusCode, window.json().code]).toEqual([404, 'drift_window_unknown']);
  });

  it('shows the newest window with the columns that matter first, beside the window before', async () => {
    await addChampion(world);
    const weight = score({ column: 'weight', importance: 0.2 });
    await saveWindow(world.database, window(8, { scores: [{ ...weight, bins: bins(60, 60) }] }));
    const drifted = { verdict: 'drifted', effect: 0.5, isSustained: true, driftedWindows: 2 } as const;
    const scores = [
      score({ column: 'speed', importance: 0.7 }),
      { ...weight, ...drifted, bins: bins(20, 100) },
      score({ column: 'weight', kind: 'missing', test: 'fisher', importance: 0.2 }),
    ];
    expect(await saveWindow(world.database, window(9, { scores }))).toBe(4);
    expect(await saveWindow(world.database, window(9, { scores, sentence: 'another' }))).toBe(0);
    const { version, streams } = drift.parse((await ask(world, routes.drift)).json);
    expect(version).toBe(1);
    const [{ latest, history, sentence } = {}] = streams;
    expect(sentence).toBe('window 9');
    expect(history?.map(({ from, verdict, isSustained }) => [from, verdict, isSustained])).toEqual([
      [hour(9).toISOString(), 'drifted', true],
      [hour(8).toISOString(), 'stable', false],
    ]);
    expect(latest?.columns.map(({ column, verdict }) => [column, verdict])).toEqual([
      ['weight', 'drifted'],
      ['speed', 'stable'],
    ]);
    expect(latest?.columns[0]?.bins.map(({ reference, current, before }) => [reference, current, before])).toEqual([
      [350, 20, 60],
      [350, 100, 60],
    ]);
    expect(latest?.columns[0]?.scores.map(({ kind }) => kind)).toEqual(['distribution', 'missing']);
    expect(latest?.drifted).toEqual([
      { subject: 'feature', column: 'weight', kind: 'distribution', isSustained: true },
    ]);
  });

  it('lists windows a page at a time, and shows one with its files', async () => {
    const files = [{ check: 'gone', rows: 12 }];
    const late = window(10, { status: 'too-few-rows', rows: 12, files, unjudged: [] });
    await saveWindow(world.database, late);
    const first = await world.server.inject({ url: `${routes.driftWindows.path}?limit=2&stream=data&version=1` });
    const { items, nextCursor } = first.json();
    expect(items.map(({ sentence }: { sentence: string }) => sentence)).toEqual(['window 10', 'window 9']);
    const rest = await world.server.inject({ url: `${routes.driftWindows.path}?limit=2&cursor=${nextCursor}` });
    expect(rest.json()).toMatchObject({ items: [{ sentence: 'window 8' }], nextCursor: null });
    const one = await world.server.inject({ url: routes.driftWindow.path.replace(':id', items[0].id) });
    expect(one.json()).toMatchObject({
      ...{ status: 'too-few-rows', verdict: null, fileCount: 1, before: items[1].id },
      files: [{ check: 'gone', file: null, rows: 12 }],
    });
  });
});
