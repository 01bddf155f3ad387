import { describe, expect, it } from 'vitest';
import { statementName } from '../../../src/store/postgres/statement-name.ts';

describe('the name of a statement', () => {
  it.each([
    ["select * from runs where id = 'secret'", 'select runs'],
    ['insert into predictions (at) values (now())', 'insert predictions'],
    ['with due as (select 1 from a) update alert_deliveries as owed set state = $1', 'update alert_deliveries'],
    ['with due as (select 1 from a) select count(*) from due', 'select a'],
    ['-- from nothing\nselect 1', 'select'],
    ['begin', 'begin'],
  ])('is its operation and table, never a value: %s', (text, name) => {
    expect(statementName(text)).toBe(name);
  });
});
