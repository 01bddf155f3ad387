import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Contract, fromOdcs, toOdcs, writtenNames } from '#contracts';
import { impliedBy } from '../../../src/contracts/check/derived.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';

/** One thing that a document asks for: where it stands, and what stands there. */
interface Demand {
  readonly at: 'rule' | 'option' | 'flag' | 'key' | 'table rule';
  readonly key: string;
  readonly value: unknown;
}

const OPERATORS = ['mustBe', 'mustNotBe', 'mustBeGreaterThan', 'mustBeLessOrEqualTo', 'mustBeBetween', 'mustBeOdd'];
const METRICS = [
  'nullValues',
  'missingValues',
  'invalidValues',
  'duplicateValues',
  'rowCount',
  'nullCheck',
  'freshness',
];
const operand = fc.oneof(fc.constantFrom(0, 1, '0', null, [0, 1], [1, 0], true, 'x'), fc.double(), fc.jsonValue());
const valueList = fc.array(fc.constantFrom('x', '', 'N/A', 1, 2.5, true, null, '2024-01-01'), { maxLength: 3 });
const given = fc.record(
  {
    ...{ validValues: valueList, missingValues: valueList, pattern: fc.constantFrom('^a', 'b', '(?=c)', '[') },
    ...{ properties: fc.subarray(['a', 'b', 'constructor']), filter: fc.constant('a > 1') },
  },
  { requiredKeys: [] },
);
const rule = fc
  .tuple(
    fc.record(
      {
        ...{
          type: fc.constantFrom('library', 'sql', 'text', 'custom', 'magic', 5),
          metric: fc.constantFrom(...METRICS),
        },
        ...{ rule: fc.constantFrom(...METRICS), unit: fc.constantFrom('rows', 'percent', 'tons'), arguments: given },
        ...{
          query: fc.constantFrom('select 1', 'select count({property}) from {object}', ';', 'select'),
          engine: fc.string(),
        },
        ...{
          severity: fc.constantFrom('info', 'error'),
          name: fc.string(),
          description: fc.string(),
          junk: fc.jsonValue(),
        },
      },
      { requiredKeys: [] },
    ),
    fc.dictionary(fc.constantFrom(...OPERATORS), operand, { maxKeys: 2 }),
  )
  .map(([about, operators]) => ({ ...about, ...operators }));
const anyRule = fc.oneof({ weight: 5, arbitrary: rule }, { weight: 1, arbitrary: fc.jsonValue() });
const OPTIONS = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'enum',
  'colour',
];
const optionValue = fc.oneof(fc.constantFrom(0, 1, 5, '2', '^a', '[', '2024-01-01', ['x', 1], -1), fc.jsonValue());

const demand: fc.Arbitrary<Demand> = fc.oneof(
  anyRule.map((value): Demand => ({ at: 'rule', key: '', value })),
  anyRule.map((value): Demand => ({ at: 'table rule', key: '', value })),
  fc
    .tuple(
      fc.constantFrom(...OPTIONS),
      optionValue.filter((value) => value !== null),
    )
    .map(([key, value]): Demand => ({ at: 'option', key, value })),
  fc.constantFrom('required', 'unique', 'primaryKey').map((key): Demand => ({ at: 'flag', key, value: true })),
  fc
    .tuple(fc.constantFrom('enum', 'minLength', 'isUnique'), fc.oneof(valueList, fc.jsonValue()))
    .filter(([, value]) => value !== null)
    .map(([key, value]): Demand => ({ at: 'key', key, value })),
);

/** The document that makes these demands, and where each of them stands in it. */
function documentOf(logicalType: string, demands: readonly Demand[]): { text: string; paths: readonly string[] } {
  const quality: unknown[] = [];
  const tableQuality: unknown[] = [];
  const options: [string, unknown][] = [];
  const flags: [string, unknown][] = [];
  const paths = demands.map(({ at, key, value }) => {
    if (at === 'rule') return `t.a.quality[${quality.push(value) - 1}]`;
    if (at === 'table rule') return `t.quality[${tableQuality.push(value) - 1}]`;
    if (at === 'option') options.push([key, value]);
    else flags.push([key, value]);
    return at === 'option' ? `t.a.logicalTypeOptions.${key}` : `t.a.${key}`;
  });
  const a = {
    name: 'a',
    logicalType,
    quality,
    logicalTypeOptions: Object.fromEntries(options),
    ...Object.fromEntries(flags),
  };
  const properties = [a, { name: 'b', logicalType: 'integer' }];
  const schema = [{ name: 't', properties, quality: tableQuality }];
  return { text: JSON.stringify({ apiVersion: 'v3.1.0', kind: 'DataContract', schema }), paths };
}

/** All that a contract checks, as SQL; both bounds of a column stand in one condition. */
function checked({ columns, expectations }: Contract): ReadonlySet<string> {
  const names = writtenNames(columns);
  const all = [...Object.entries(columns).flatMap(([name, column]) => impliedBy(name, column)), ...expectations];
  return new Set(
    all.flatMap(({ sql, severity }) =>
      sql(names)
        .split(' or ')
        .map((condition) => `${severity} ${condition}`),
    ),
  );
}

const TYPES = ['string', 'number', 'integer', 'date', 'timestamp', 'boolean', 'array', 'geography'];

describe('fromOdcs', () => {
  it('loses nothing that a document asks for, whatever it is: it is checked, or named as not checked', () => {
    // Of one name the last option or flag counts.
    const demands = fc.uniqueArray(demand, {
      selector: ({ at, key }) => `${at} ${key}`,
      comparator: (one, other) => one === other && !one.includes('rule'),
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), demands, (logicalType, given) => {
        const { text, paths } = documentOf(logicalType, given);
        const contract = fromOdcs(text);
        const unchecked = new Set(contract.unchecked?.map(({ path }) => path));
        const all = checked(contract);
        const nothing = checked(fromOdcs(documentOf(logicalType, []).text));
        for (const [index, each] of given.entries()) {
          if (unchecked.has(paths[index] ?? '')) continue;
          const alone = [...checked(fromOdcs(documentOf(logicalType, [each]).text))];
          const asked = alone.filter((sql) => !nothing.has(sql));
          expect(asked, `${paths[index]} asks for something in ${text}`).not.toEqual([]);
          for (const sql of asked) expect(all, `${paths[index]} in ${text}`).toContain(sql);
        }
      }),
      { numRuns: propertyRuns(150), seed: 6 },
    );
  });

  it('reads back what toOdcs writes of any document', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), fc.array(demand, { maxLength: 4 }), (logicalType, given) => {
        const first = fromOdcs(documentOf(logicalType, given).text);
        const second = fromOdcs(toOdcs(first));
        expect(checked(second)).toEqual(checked(first));
        expect(second.columns).toEqual(first.columns);
        expect(second.unchecked).toEqual(first.unchecked);
        expect(second.documentRules).toEqual(first.documentRules);
      }),
      { numRuns: propertyRuns(60), seed: 6 },
    );
  });
});
