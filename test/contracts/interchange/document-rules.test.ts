import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import {
  type Contract,
  category,
  defineContract,
  fromOdcs,
  inRange,
  inSet,
  integer,
  matchesPattern,
  notNull,
  number,
  rowCountBetween,
  text,
  toOdcs,
  unique,
  uniqueTogether,
  writtenNames,
} from '#contracts';
import { contractIdentity } from '../../../src/pipelines/contract-identity.ts';

/** As published with the package open-data-contract-standard 3.2.0 (MIT). */
const schemaFile = path.join(import.meta.dirname, '../../fixtures/odcs/odcs-3.2.0.schema.json');
const isValid = new Ajv2019({ strict: false, validateFormats: false }).compile(
  JSON.parse(readFileSync(schemaFile, 'utf8')),
);

/** What a document has against the schema of the standard. */
function faultsOf(yaml: string): readonly string[] {
  isValid(parse(yaml));
  return (isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const COMPARATORS = [
  { mustBe: 0 },
  { mustNotBe: 7 },
  { mustBeGreaterThan: -1 },
  { mustBeGreaterOrEqualTo: 0 },
  { mustBeLessThan: 5 },
  { mustBeLessOrEqualTo: 4 },
  { mustBeBetween: [0, 4] },
  { mustNotBeBetween: [5, 9] },
];
const METRICS = [
  { metric: 'nullValues' },
  { metric: 'duplicateValues' },
  { metric: 'missingValues', arguments: { missingValues: ['N/A', ''] } },
  { metric: 'invalidValues', arguments: { validValues: ['a', 'b'] } },
  { metric: 'invalidValues', arguments: { pattern: '^[a-z]+$' } },
];
const SAID = {
  dimension: 'completeness',
  severity: 'critical',
  businessImpact: 'operational',
  method: 'reconciliation',
};

const COLUMN_RULES = METRICS.flatMap((metric, place) =>
  COMPARATORS.flatMap((comparator, index) =>
    (['rows', 'percent'] as const).map((unit) => ({
      ...{ id: `${metric.metric}_${place}_${index}_${unit}`, type: 'library', ...metric, unit, ...comparator, ...SAID },
    })),
  ),
);
const TABLE_RULES = [
  ...COMPARATORS.map((comparator) => ({ type: 'library', metric: 'rowCount', ...comparator, dimension: 'coverage' })),
  { type: 'library', metric: 'duplicateValues', arguments: { properties: ['code', 'amount'] }, mustBe: 0 },
  { type: 'sql', query: 'select count(*) from {object} where amount < 0', mustBe: 0, dimension: 'accuracy' },
  { type: 'text', description: 'It arrives before nine.', dimension: 'timeliness' },
  { type: 'custom', engine: 'soda', implementation: 'checks for orders:\n  - freshness(day) < 1d\n' },
];
const DOCUMENT = stringify({
  ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: 'orders', version: '1.0.0', status: 'active' },
  schema: [
    {
      name: 'orders',
      properties: [
        { name: 'code', logicalType: 'string', quality: COLUMN_RULES },
        { name: 'amount', logicalType: 'number', required: true, quality: [{ metric: 'nullValues', mustBe: 0 }] },
      ],
      quality: TABLE_RULES,
    },
  ],
});

/** A contract as plain data. */
function plain(contract: Contract) {
  const names = writtenNames(contract.columns);
  return {
    ...contract,
    expectations: contract.expectations.map(({ sql, ...about }) => ({ ...about, sql: sql(names) })),
  };
}

describe('a document with every kind of rule', () => {
  it('is valid, and so is what is written of it', () => {
    expect(faultsOf(DOCUMENT)).toEqual([]);
    expect(faultsOf(toOdcs(fromOdcs(DOCUMENT)))).toEqual([]);
  });

  it('has the same rules after it was read and written, with all that they say of themselves', () => {
    const [schema] = parse(toOdcs(fromOdcs(DOCUMENT))).schema;
    expect(schema.properties[0].quality).toEqual(COLUMN_RULES);
    expect(schema.properties[1].quality).toEqual([{ metric: 'nullValues', mustBe: 0 }]);
    expect(schema.quality.slice(0, TABLE_RULES.length)).toEqual(TABLE_RULES);
  });

  it('is read again as the same contract', () => {
    const first = fromOdcs(DOCUMENT);
    expect(plain(fromOdcs(toOdcs(first)))).toEqual(plain(first));
  });

  it('names what cannot be checked, once', () => {
    const unchecked = fromOdcs(toOdcs(fromOdcs(DOCUMENT))).unchecked ?? [];
    expect(unchecked.map(({ path: place, reason }) => `${place}: ${reason}`)).toEqual([
      'orders.quality[10]: it is written for people',
      'orders.quality[11]: it is written for soda',
    ]);
  });

  it('loses a rule that the contract no longer asks for', () => {
    const contract = fromOdcs(DOCUMENT);
    const fewer = { ...contract, expectations: contract.expectations.filter(({ maker }) => maker !== 'row-count') };
    const metrics = parse(toOdcs(fewer)).schema[0].quality.map(({ metric }: { metric?: string }) => metric);
    expect(metrics).not.toContain('rowCount');
    expect(metrics).toContain('duplicateValues');
  });

  it('requires the same whatever its rules say of themselves', () => {
    const other = fromOdcs(DOCUMENT.replaceAll('dimension: coverage', 'dimension: accuracy'));
    expect(contractIdentity(other)).toBe(contractIdentity(fromOdcs(DOCUMENT)));
  });
});

describe('a contract that was written by hand', () => {
  const contract = defineContract({
    name: 'parts',
    columns: {
      id: integer({ role: 'id', unique: true }),
      size: number({ nullable: true }),
      code: text({ nullable: true }),
      class: category(['a', 'b']),
    },
    expectations: [
      notNull('size', { severity: 'warn' }),
      unique('code'),
      uniqueTogether(['size', 'code']),
      inSet('size', { values: [1, 2], name: 'two-sizes' }),
      matchesPattern('code', { pattern: '[A-Z]+' }),
      inRange('size', { min: 0 }),
      notNull('code', { atLeast: 0.9 }),
      rowCountBetween({ min: 1 }),
    ],
  });

  it('has the metrics of the standard beside its own rules, where they say the same', () => {
    const [schema] = parse(toOdcs(contract)).schema;
    const asked = (rules: readonly { metric?: string; name?: string; severity: string }[] = []) =>
      rules.filter(({ metric }) => metric !== undefined).map(({ metric, name, severity }) => [metric, name, severity]);
    expect(schema.properties.map(({ quality }: { quality?: [] }) => asked(quality))).toEqual([
      [],
      [
        ['nullValues', undefined, 'warning'],
        ['invalidValues', 'two-sizes', 'error'],
      ],
      [
        ['duplicateValues', undefined, 'error'],
        ['invalidValues', undefined, 'error'],
      ],
      [['invalidValues', undefined, 'error']],
    ]);
    expect(asked(schema.quality)).toEqual([['duplicateValues', undefined, 'error']]);
  });

  it('is valid and is read back whole', () => {
    expect(faultsOf(toOdcs(contract))).toEqual([]);
    expect(plain(fromOdcs(toOdcs(contract)))).toEqual(plain(contract));
  });
});
