import { describe, expect, it } from 'vitest';
import { namesItsColumns } from '../../../src/contracts/check/names-its-columns.ts';

describe('namesItsColumns', () => {
  it.each([
    "age >= 18 or class <> 'crew'",
    'select count(*) > 10 as ok from rows',
    'select count( * ) = 1 as ok, count(*) as observed from "rows" where role = \'captain\'',
    'select max(rows.age) < 100 as ok from rows',
    'select count(*) = 0 as ok from rows a join rows as b on a.id = b.parent and a.age < b.age',
    'with x as (select age from rows where age > 1) select avg(age) > 3 as ok from x',
    "select 'a * b' <> name as ok -- everything: *\nfrom rows limit 1",
    'extract(year from born) > 1900',
  ])('says yes of %s', (sql) => expect(namesItsColumns(sql)).toBe(true));

  it.each([
    'select count(*) = 0 as ok from (select * from rows)',
    'select a.* from rows a',
    'select count(distinct rows) = count(*) as ok from rows',
    'select count(distinct r) = count(*) as ok from rows r',
    'select count(distinct r) = count(*) as ok from rows as r',
    'from rows select count(*) > 1 as ok',
    'select count(*) > 0 as ok from (from rows)',
    "select max(columns('a.*')) > 0 as ok from rows",
    'select #1 > 0 as ok from rows',
    'select count(*) = 0 as ok from rows natural join rows',
    'select count(*) > 1 as ok from (unpivot rows on age into name n value v)',
    'select count(*) > 1 as ok from r: rows',
    'select price * amount > 0 as ok from rows',
    "select count(*) > 1 as ok from query_table('rows')",
  ])('is not certain of %s', (sql) => expect(namesItsColumns(sql)).toBe(false));
});
