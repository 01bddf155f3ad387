import { type Expectation, PLAIN_KINDS, PROBLEM_CATEGORIES, type SqlNames } from '../contract.ts';
import { isDecimalKind } from '../kinds/decimal.ts';
import { toSql } from '../rules/to-sql.ts';
import { expectationTemplate, type OdcsQuality, READ_ONCE } from './odcs.ts';

const NOT_OURS = 'its implementation is not one that Weir wrote';

/** An expectation that Weir exported; or why it is none. */
export function ownExpectation({
  name = '',
  severity,
  description = name,
  implementation,
}: OdcsQuality): readonly Expectation[] | string {
  const read = expectationTemplate.safeParse(implementation, READ_ONCE);
  const category = PROBLEM_CATEGORIES.find((known) => known === read.data?.category);
  if (!read.success || category === undefined) return NOT_OURS;
  const { maker, level, atLeast, form, origin, column, columns, rule, sql } = read.data;
  if (rule === undefined && sql === undefined) return NOT_OURS;
  const expectation: Expectation = {
    name,
    ...(maker === undefined ? {} : { maker }),
    level,
    severity: severity === 'warn' ? 'warn' : 'fail',
    category,
    ...(atLeast === undefined ? {} : { atLeast }),
    ...(form === undefined ? {} : { form }),
    ...(origin === undefined ? {} : { origin }),
    ...(column === undefined ? {} : { column }),
    ...(columns === undefined ? {} : { columns }),
    sentence: description,
    ...(rule === undefined
      ? { sql: (names: SqlNames) => filledIn(sql ?? '', names) }
      : { rule, sql: (names: SqlNames) => toSql(rule, names) }),
  };
  return [expectation];
}

/** SQL with names in place of its placeholders: see `writtenNames`. */
function filledIn(sql: string, names: SqlNames): string {
  return sql
    .replaceAll('"{table}"', () => names.table)
    .replaceAll(/"\{([\w(),]+) ([^"]*)\}"/g, (found, which: string, named: string) => {
      if (which === 'typed' || which === 'raw') return names[which](named);
      const kind = isDecimalKind(which) ? which : PLAIN_KINDS.find((known) => known === which);
      return kind === undefined ? found : names.typedAs(named, kind);
    });
}
