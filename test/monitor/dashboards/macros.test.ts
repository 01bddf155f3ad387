import { describe, expect, it } from 'vitest';
import { type Dashboard, defineDashboard, type Panel } from '#monitor';
import { intervalOf } from '../../../src/monitor/dashboards/intervals.ts';
import { compileQuery, maybeMacroFault } from '../../../src/monitor/dashboards/macros.ts';

const from = new Date('2026-03-01T10:00:00Z');
const to = new Date('2026-03-01T10:30:00Z');
const compile = (sql: string) => compileQuery(sql, { from, to });

describe('compileQuery', () => {
  it('hands the window over as parameters, each once, in the order of first use', () => {
    expect(compile('select $__timeTo(), $__timeFrom() where $__timeFilter(at)')).toEqual({
      text: 'select $1::timestamptz, $2::timestamptz where at BETWEEN $2::timestamptz AND $1::timestamptz',
      values: [to, from],
    });
  });

  it('has no parameter for what a query does not ask', () => {
    expect(compile('select 1 as value')).toEqual({ text: 'select 1 as value', values: [] });
    expect(compile('select $__timeTo() as value').values).toEqual([to]);
  });

  it('groups time as Grafana does: seconds since 1970, rounded down', () => {
    expect(compile("select $__timeGroupAlias(at, '5m')").text).toBe(
      'select floor(extract(epoch from at)/300)*300 AS "time"',
    );
    expect(compile('select $__timeGroup(at, $__interval)').text).toBe('select floor(extract(epoch from at)/60)*60');
    expect(compile('select $__time(at)').text).toBe('select at AS "time"');
  });

  it('writes the interval in quotes as a word of a fixed list', () => {
    expect(compile("select date_bin('$__interval', at, 'epoch')").text).toBe("select date_bin('1m', at, 'epoch')");
  });
});

describe('a variable', () => {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: variables of a dashboard, as texts
  const sql = "where ('*' in (${source:sqlstring}) or source in (${source:sqlstring})) and at < $__timeTo()";

  it('stands for the chosen values, which travel as parameters', () => {
    const hostile = "o'r); drop table checks; --";
    expect(compileQuery(sql, { from, to, choices: { source: ['orders', hostile] } })).toEqual({
      text: "where ('*' in ($2::text,$3::text) or source in ($2::text,$3::text)) and at < $1::timestamptz",
      values: [to, 'orders', hostile],
    });
  });

  it.each([[{}], [{ source: [] }]])('stands for all values while none is chosen: %j', (choices) => {
    expect(compileQuery('select ${source:sqlstring}', { from, to, choices })).toEqual({
      text: 'select $1::text',
      values: ['*'],
    });
  });

  it('is refused where the dashboard has none of its name, and in any other form', () => {
    expect(maybeMacroFault(sql, ['source'])).toBeUndefined();
    expect(maybeMacroFault(sql, ['column'])).toBe('${source:sqlstring} names no variable of the dashboard');
    expect(maybeMacroFault('select ${source:raw}', ['source'])).toContain('${ is not supported');
    expect(maybeMacroFault("select '$source'", ['source'])).toContain('$source is not supported');
  });
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: the end of them
});

describe('the interval of a window', () => {
  it.each([
    [10, '1m'],
    [90, '1m'],
    [91, '2m'],
    [360, '5m'],
    [719, '10m'],
    [720, '1h'],
    [1440, '1h'],
    [44_640, '12h'],
    [525_600, '7d'],
  ])('of %i minutes is %s', (minutes, expected) => {
    expect(intervalOf({ from, to: new Date(from.getTime() + minutes * 60_000) })).toBe(expected);
  });
});

describe('a macro', () => {
  it.each([
    ['$__timeEpoch(at)', '$__timeEpoch is not supported'],
    ['$__unixEpochFilter(at)', '$__unixEpochFilter is not supported'],
    ['$__interval_ms', '$__interval_ms is not supported'],
    ['$__timeGroup(at, 5 parsecs)', 'has the interval 5 parsecs'],
    ["$__timeGroup(at, '5m', 0)", 'expected $__timeGroup(column'],
    ["select $__timeGroup(at, '5m'), count(*)", "expected $__timeGroupAlias(at, '5m')"],
    ['$__timeFilter(coalesce(at, now()))', 'without parentheses inside'],
    ['$__timeFrom', 'expected $__timeFrom()'],
    ['$__timeFilter()', 'expected $__timeFilter(column)'],
    ['select $1', '$1 is not supported'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the variable of a Grafana dashboard, as text
    ['select ${dataset}', '${ is not supported'],
    ['select $dataset', '$dataset is not supported'],
    ['select $constructor(a)', '$constructor is not supported'],
    ['date_bin($__interval, at)', 'in quotes'],
    ['$__interval', 'in quotes'],
  ])('written as %s is refused', (sql, reason) => {
    expect(maybeMacroFault(sql)).toContain(reason);
  });

  it.each([
    'select $__time(at) from checks where $__timeFilter(checks.at) and at > $__timeFrom() and at < $__timeTo()',
    'select $__timeGroupAlias(at, $__interval), $__timeGroup(at, 30s)',
    "select '$__interval'::interval, file ~ '\\.csv$'",
  ])('written as Grafana has it is taken: %s', (sql) => {
    expect(maybeMacroFault(sql)).toBeUndefined();
  });
});

describe('defineDashboard', () => {
  const panel: Panel = {
    id: 'files',
    title: 'Files',
    kind: 'stat',
    unit: 'none',
    thresholds: [],
    width: 6,
    height: 4,
    sql: 'select 1 as value',
  };
  const define = (change: Partial<Panel>, ...more: Panel[]) =>
    defineDashboard({
      id: 'mine',
      title: 'Mine',
      audience: 'me',
      windows: [{ label: '10 minutes', minutes: 10 }],
      defaultWindowMinutes: 10,
      refreshSeconds: 15,
      variables: [],
      panels: [{ ...panel, ...change }, ...more],
    });

  it('names the panel and the macro it refuses', () => {
    expect(() => define({ sql: 'select $__unixEpochFilter(at)' })).toThrow(
      /"mine" has a panel "files" whose SQL cannot be compiled: \$__unixEpochFilter is not supported; expected one of .*\$__timeFilter/,
    );
  });

  it('refuses what could not be drawn', () => {
    expect(() => define({ sql: 'select 1; select 2' })).toThrow('semicolon');
    expect(() => define({ width: 25 })).toThrow('25 columns wide');
    expect(() => define({}, panel)).toThrow('two panels with the id "files"');
    expect(() => define({ thresholds: [{ from: 5, color: 'red' }] })).toThrow('thresholds do not rise from null');
    const falling = [
      { from: null, color: 'green' },
      { from: 20, color: 'red' },
      { from: 5, color: 'orange' },
    ] as const;
    expect(() => define({ thresholds: falling })).toThrow('thresholds do not rise from null');
  });

  it('refuses variables that cannot be asked for', () => {
    const withVariables =
      (...variables: Dashboard['variables']) =>
      () =>
        defineDashboard({ ...define({}), variables });
    const source = { name: 'source', title: 'Source', sql: 'select 1' };
    expect(withVariables(source, source)).toThrow('two variables with the name "source"');
    expect(withVariables({ ...source, name: 'A b' })).toThrow('variable "A b"; expected a lower-case word');
    expect(withVariables({ ...source, sql: 'select $nothing' })).toThrow(
      'variable "source" whose SQL cannot be compiled',
    );
    expect(withVariables({ ...source, sql: 'select 1; select 2' })).toThrow('variable "source" with a semicolon');
  });

  it('gives frozen data', () => {
    const dashboard = define({});
    expect(Object.isFrozen(dashboard)).toBe(true);
    expect(Object.isFrozen(dashboard.panels[0])).toBe(true);
  });
});
