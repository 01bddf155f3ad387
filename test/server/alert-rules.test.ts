import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AlertRuleKind, routes } from '#api';
import { defaultRules } from '#monitor';
import { ask, createWorld, type World } from './world.ts';

const ada = { by: 'Ada', reason: 'maintenance of the supplier' };
let world: World;
beforeAll(async () => {
  world = await createWorld({
    alertRules: defaultRules({
      hasModel: true,
      tolerance: 0.01,
      schedules: [{ pipeline: 'ingest', intervalMinutes: 1 }],
    }),
  });
});
afterAll(() => world.close());

const rule = (name: string) => ({ params: { rule: name } });
const found = async (name: string) =>
  (await ask(world, routes.alertRules)).json.items.find((each: { name: string }) => each.name === name);

describe('alert rules', () => {
  it('are listed with what they measure before they were ever evaluated', async () => {
    expect(await found('bad-rows')).toMatchObject({
      ...{ title: 'Many rows are bad', threshold: 0.2, unit: 'share', firesWhen: 'at-least', enabled: true },
      ...{ origin: 'default', changed: null, acknowledged: null, mute: null, untriable: null },
      state: { name: 'ok', since: null, value: null },
    });
    expect((await found('ingest-late')).params).toEqual({ pipeline: 'ingest', intervalMinutes: 1 });
  });

  it('are changed on record, one field beside the other, until they are reset', async () => {
    await ask(world, routes.changeAlertRule, { ...rule('bad-rows'), body: { ...ada, threshold: 0.5 } });
    const { status, json } = await ask(world, routes.changeAlertRule, {
      ...rule('bad-rows'),
      body: { ...ada, enabled: false, params: { rowsMin: 7 } },
    });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      threshold: 0.5,
      enabled: false,
      params: { windowMinutes: 30, rowsMin: 7 },
      changed: ada,
    });
    await ask(world, routes.resetAlertRule, { ...rule('bad-rows'), body: ada });
    expect(await found('bad-rows')).toMatchObject({ threshold: 0.2, enabled: true, changed: null });
    const again = await ask(world, routes.resetAlertRule, { ...rule('bad-rows'), body: ada });
    expect([again.status, again.json.code]).toEqual([409, 'alert_rule_unchanged']);
  });

  it('are added under a new name with a kind, and removed by a reset', async () => {
    const added = { ...ada, kind: 'missing-column', params: { column: 'weight' }, severity: 'low' };
    const { json } = await ask(world, routes.changeAlertRule, { ...rule('no-weight'), body: added });
    expect(json).toMatchObject({ name: 'no-weight', origin: 'people', params: { column: 'weight' }, severity: 'low' });
    await ask(world, routes.resetAlertRule, { ...rule('no-weight'), body: ada });
    expect(await found('no-weight')).toBeUndefined();
  });

  it('refuse an unknown name, an unknown kind and params that the kind does not take', async () => {
    const refused = async (name: string, body: object) => {
      const { status, json } = await ask(world, routes.changeAlertRule, { ...rule(name), body: { ...ada, ...body } });
      return [status, json.code, json.detail];
    };
    expect(await refused('nothing', { threshold: 1 })).toEqual([
      404,
      'alert_rule_unknown',
      expect.stringContaining('give its kind'),
    ]);
    expect(await refused('nothing', { kind: 'weather' })).toEqual([
      422,
      'alert_rule_invalid',
      expect.stringContaining('bad-files'),
    ]);
    expect(await refused('bad-rows', { params: { windows: 3 } })).toEqual([
      ...[422, 'alert_rule_invalid', expect.stringContaining('windowMinutes, rowsMin')],
    ]);
  });

  it('have kinds that say what they take, of which each makes a rule with what is usual', async () => {
    const { json } = await ask(world, routes.alertRuleKinds);
    const kinds: AlertRuleKind[] = json.items;
    expect(kinds.find(({ kind }) => kind === 'bad-rows')).toEqual({
      ...{ kind: 'bad-rows', title: 'Many rows are bad', unit: 'share', firesWhen: 'at-least', everyMinutes: 1 },
      ...{ untriable: null, suggested: { threshold: 0.2, forMinutes: 5, severity: 'medium' } },
      description:
        'Share of the rows checked in the last 30 min that are bad or unreadable; no data with fewer than 20 rows.',
      params: [
        {
          ...{ name: 'windowMinutes', description: 'How far back it looks', type: 'number', usual: 30 },
          ...{ min: 1, max: 129_600, unit: 'minutes', choices: [], names: null },
        },
        {
          ...{ name: 'rowsMin', description: 'With fewer rows there are no data', type: 'integer', usual: 20 },
          ...{ min: 1, max: 1_000_000_000, unit: null, choices: [], names: null },
        },
      ],
    });
    for (const { kind, suggested, params } of kinds) {
      const given = params.filter(({ usual }) => usual === null);
      const body = {
        ...{ kind, ...suggested, ...ada },
        params: Object.fromEntries(
          given.map(({ name, type, min }) => [name, type === 'text' ? 'ingest' : (min ?? 0) + 1]),
        ),
      };
      const added = await ask(world, routes.changeAlertRule, { ...rule(`new-${kind}`), body });
      expect([kind, added.status, added.json.threshold]).toEqual([kind, 200, suggested.threshold]);
      await ask(world, routes.resetAlertRule, { ...rule(`new-${kind}`), body: ada });
    }
    expect(kinds.find(({ kind }) => kind === 'run-failed')?.params).toMatchObject([{ usual: null, names: 'pipeline' }]);
    expect(kinds.find(({ kind }) => kind === 'drift')?.params).toMatchObject([
      { name: 'stream', type: 'choice', choices: ['data', 'predictions'], usual: 'data' },
      { name: 'column', names: 'column', usual: '' },
    ]);
  });

  it('are acknowledged once, while they fire', async () => {
    const early = await ask(world, routes.acknowledgeAlertRule, { ...rule('bad-files'), body: ada });
    expect([early.status, early.json.code]).toEqual([409, 'alert_rule_unchanged']);
    await world.database.query(
      `insert into alert_rule_states (rule, state, since, had_data, evaluated_at) values ('bad-files', 'firing', now(), true, now())`,
    );
    const { json } = await ask(world, routes.acknowledgeAlertRule, { ...rule('bad-files'), body: ada });
    expect(json.acknowledged).toMatchObject(ada);
  });

  it('are muted for a time, and no longer once they are unmuted', async () => {
    const { json } = await ask(world, routes.muteAlertRule, { ...rule('no-file'), body: { ...ada, minutes: 90 } });
    expect(json.mute).toMatchObject(ada);
    expect(Date.parse(json.mute.until) - Date.parse(json.mute.from)).toBe(90 * 60_000);
    const after = await ask(world, routes.unmuteAlertRule, { ...rule('no-file'), body: ada });
    expect(after.json.mute).toBeNull();
    const again = await ask(world, routes.unmuteAlertRule, { ...rule('no-file'), body: ada });
    expect(again.status).toBe(409);
  });

  it('show their history, newest first, a page at a time', async () => {
    await world.database.query(
      `insert into alert_rule_transitions (rule, at, from_state, to_state, value, threshold)
       values ('no-file', '2026-03-01T10:00Z', 'ok', 'firing', 6, 5), ('no-file', '2026-03-01T11:00Z', 'firing', 'resolved', 0, 5)`,
    );
    const history = (query: Record<string, string>) =>
      ask(world, routes.alertRuleHistory, { ...rule('no-file'), query });
    const first = await history({ limit: '1' });
    expect(first.json.items).toMatchObject([{ from: 'firing', to: 'resolved', at: '2026-03-01T11:00:00.000Z' }]);
    const second = await history({ limit: '1', cursor: first.json.nextCursor });
    expect(second.json).toMatchObject({ items: [{ to: 'firing', value: 6 }], nextCursor: null });
  });

  it('say when they would have fired over the last 24 hours, with values', async () => {
    await world.database.query(
      `insert into checks (id, contract, file, digest, size_bytes, rows_in, rows_good, rows_bad, rows_rejected, verdict, summary, duration_ms, checked_at)
       select 'try-' || n, 'parcels', 'a.csv', 'd', 1, 100, good, 100 - good, 0, 'fail', '', 1, now() - n * interval '10 minutes'
         from generate_series(0, 60) as n, lateral (select case when n between 20 and 26 then 40 else 100 end) as rows (good)`,
    );
    const tried = async (body: object) => (await ask(world, routes.tryAlertRule, { ...rule('bad-rows'), body })).json;
    const trial = await tried({});
    expect(trial.firings).toMatchObject([{ peak: 0.6, resolvedAt: expect.any(String), detail: expect.any(String) }]);
    expect(trial.values).toHaveLength(24 * 60 + 1);
    expect((await tried({ threshold: 0.7 })).firings).toEqual([]);
    const untriable = await ask(world, routes.tryAlertRule, { ...rule('database-unreachable'), body: {} });
    expect([untriable.status, untriable.json.code]).toEqual([409, 'alert_rule_untriable']);
  });
});
