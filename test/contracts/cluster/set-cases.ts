import {
  boolean,
  category,
  date,
  decimal,
  duration,
  integer,
  number,
  text,
  time,
  timestamp,
} from '../../../src/contracts/columns.ts';
import type { Contract } from '../../../src/contracts/contract.ts';
import { defineContract } from '../../../src/contracts/define-contract.ts';
import * as expectations from '../../../src/contracts/expectations/index.ts';

const warn = { severity: 'warn' } as const;
const e = expectations;

const SORTS = { kind: 'category', rows: 200, shares: { a: 0.7, b: 0.3 } } as const;
const AGES = { kind: 'number', rows: 100, edges: [0, 10, 50, 120], shares: [0.2, 0.5, 0.3] } as const;

/** A contract with each kind of column that a database checks, and each kind of rule over rows and over the whole set. */
export const SET_CONTRACT: Contract = defineContract({
  name: 'sets',
  columns: {
    id: integer({ role: 'id', unique: true }),
    age: number({ min: 0, max: 120, nullable: true }),
    price: decimal({ precision: 8, scale: 2, min: '0.01', nullable: true }),
    sort: category(['a', 'b', "o'c"]),
    name: text({ pattern: '[a-z]+( [a-z]+)*', lengthMax: 12, nullable: true }),
    day: date({ nullable: true }),
    at: timestamp({ nullable: true }),
    open: time({ nullable: true, max: '20:00' }),
    takes: duration({ nullable: true, max: 'PT2H' }),
    isPaid: boolean({ nullable: true }),
    other: integer({ nullable: true }),
  },
  expectations: [
    e.uniqueTogether(['sort', 'day'], { where: 'other is not null' }),
    e.lessThanColumn('other', { other: 'id', orEqual: true }),
    e.keysIn('other', { dataset: 'orders', columnsThere: ['order'], severity: 'warn' }),
    e.rowCountMatches({ dataset: 'orders', max: 1, ...warn }),
    e.row('old-is-a', { holds: "age < 100 or sort = 'a'", columns: ['age', 'sort'] }),
    e.requiredWhen('name', { when: 'age > 50', columns: ['age'] }),
    e.addsUp('id', { parts: ['other', 'age'], severity: 'warn' }),
    e.meanBetween('age', { min: 1000, ...warn }),
    e.medianBetween('age', { max: 1, ...warn }),
    e.deviationBetween('age', { max: 0.5, ...warn }),
    e.quantileBetween('age', { quantile: 0.9, max: 3, ...warn }),
    e.correlationBetween('age', { other: 'id', min: 0.99, ...warn }),
    e.outlierShareBetween('age', { max: 0, ...warn }),
    e.sumBetween('age', { max: 2, ...warn }),
    e.distinctCountBetween('sort', { min: 99, ...warn }),
    e.distinctShareBetween('name', { min: 1, ...warn }),
    e.nullShareBetween('age', { max: 0, ...warn }),
    e.smallestBetween('age', { min: 50, ...warn }),
    e.largestBetween('age', { max: 50, ...warn }),
    e.rowCountBetween({ max: 5, ...warn }),
    e.rowCountBetween({ max: 1, by: ['sort'], ...warn }),
    e.increasing('id', warn),
    e.stepsBetween('at', { max: 1, unit: 'hours', ...warn }),
    e.fresherThan('at', { hours: 1, ...warn }),
    e.containsAll('sort', { values: ['a', "o'c"], ...warn }),
    e.categoryShares('sort', { shares: { a: 0.9, b: 0.1 }, tolerance: 0.01, ...warn }),
    e.shareBetween('paid', { where: 'isPaid', min: 0.99 }),
    e.query('few-old', {
      sentence: 'few are old',
      sql: 'select count(*) < 3 as ok, count(*) as observed from rows where age > 10',
      ...warn,
    }),
    e.columnCountBetween({ max: 2, ...warn }),
    e.nearReference('sort', { reference: SORTS, indexMax: 0.1 }),
    e.nearReference('age', { reference: AGES, indexMax: 0.1 }),
    ...(['chi-square', 'jensen-shannon', 'l-infinity'] as const).map((measure) =>
      e.divergenceBetween('sort', { reference: SORTS, measure, max: 0.01, name: `far-${measure}` }),
    ),
    e.divergenceBetween('age', { reference: AGES, measure: 'kolmogorov-smirnov', max: 0.01 }),
  ],
});

const SORTS_THERE = ['a', 'b', "o'c", 'd', ''];
const cellsOf = (id: number): readonly string[] => {
  const digits = (id * 7919) % 1000;
  return [
    String(id % 41 === 0 ? id - 5 : id),
    digits % 11 === 0 ? '' : digits % 13 === 0 ? 'old' : String(digits / 7),
    digits % 17 === 0 ? '1.005' : (digits / 100).toFixed(2),
    SORTS_THERE[digits % 23 === 0 ? 3 + (digits % 2) : digits % 3] ?? '',
    digits % 19 === 0 ? '"x, y\n1"' : 'ab cd',
    `2026-0${1 + (digits % 9)}-${10 + (digits % 22)}`,
    `2026-03-01T${10 + (digits % 15)}:00:00+0${digits % 3}:00`,
    digits % 5 === 0 ? '21:30' : '09:15:30.5',
    digits % 7 === 0 ? 'PT3H' : '-PT90M',
    digits % 4 === 0 ? 'TRUE' : '0',
    digits % 3 === 0 ? '' : String(digits % 30),
  ];
};

/** A part of a set: rows of such numbers, and records that are none. */
export function partOfSet(from: number, to: number): string {
  const lines = Array.from({ length: to - from }, (_, index) => cellsOf(from + index).join(','));
  const broken = lines.flatMap((line, index) => (index % 50 === 49 ? [line, `${line},more`] : [line]));
  return [Object.keys(SET_CONTRACT.columns).join(','), ...broken, ''].join('\n');
}

/** Another dataset, which has some of the values of `other`. */
export const ORDERS = ['order', ...Array.from({ length: 20 }, (_, index) => String(index)), ''].join('\n');
