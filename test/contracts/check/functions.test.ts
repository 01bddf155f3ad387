import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  category,
  cellSatisfies,
  checkFile,
  checkRows,
  defineContract,
  type Expectation,
  fromOdcs,
  inRange,
  inSet,
  number,
  row,
  satisfies,
  text,
  toOdcs,
  unique,
} from '#contracts';
import { contractIdentity } from '../../../src/pipelines/contract-identity.ts';
import { countedWorld } from '../counted-world.ts';

const { duckdb, statementsOf, folder } = await countedWorld('functions');

const optional = { nullable: true } as const;
const columns = { age: number(optional), class: category(['1st', '2nd'], optional), code: text(optional) };
const contractWith = (expectations: readonly Expectation[], more = {}) =>
  defineContract({ name: 'people', columns: { ...columns, ...more }, expectations });

const FILE = ['age,class,code', '18,1st,aa', '"17",1st,ab', ',2nd,"b""a"', '12,2nd,', '17.5,1st,aaa'];

const ADULTS = satisfies('adults-in-first', {
  columns: ['age', 'class'],
  holds: ({ age, class: cabin }) => cabin !== '1st' || Number(age) >= 18,
  sentence: 'who travels 1st is an adult',
});
/** It throws where the cell is empty. */
const LETTERS = satisfies('even', { columns: ['code'], holds: ({ code }) => (code as string).length % 2 === 0 });

async function checked(expectations: readonly Expectation[], lines = FILE) {
  const file = path.join(folder, 'in.csv');
  await writeFile(file, `${lines.join('\n')}\n`);
  const options = { path: file, contract: contractWith(expectations), folder: path.join(folder, 'out'), duckdb };
  const outcomes: Awaited<ReturnType<typeof checkFile>>[] = [];
  const statements = await statementsOf(async () => {
    outcomes.push(await checkFile(options));
  });
  const [outcome] = outcomes;
  const bad =
    outcome?.files.bad === undefined ? [] : (await readFile(outcome.files.bad, 'utf8')).split('\n').slice(1, -1);
  const violations = (outcome?.result.violations ?? []).map(({ sentence, rows, examples = [] }) => {
    return [sentence, rows, examples.map((example) => example.number)];
  });
  return {
    statements,
    violations,
    bad: bad.map((line) => Number(line.split(',')[0])),
    verdict: outcome?.result.verdict,
  };
}

describe('an expectation that a function decides', () => {
  it('is asked of the typed values of each row, without a database, and tells the lines', async () => {
    expect(await checked([ADULTS])).toEqual({
      statements: 0,
      bad: [3, 6],
      violations: [['who travels 1st is an adult', 2, [3, 6]]],
      verdict: 'fail',
    });
  });

  it('is violated by rows for which it throws, which are counted, with what the first one was', async () => {
    const { bad, violations } = await checked([LETTERS]);
    expect(bad).toEqual([4, 5, 6]);
    expect(violations).toEqual([
      ["even; in 1 row it cannot be computed: Cannot read properties of null (reading 'length')", 3, [4, 5, 6]],
    ]);
  });

  it('of a cell is not asked what is empty, or no value of the kind', async () => {
    const small = cellSatisfies('age', { holds: (age) => (age as number) < 18, sentence: 'age is below 18' });
    const lines = [...FILE, 'old,2nd,'];
    const { violations } = await checked([small], lines);
    expect(violations).toEqual([
      ['age is a number', 1, [7]],
      ['age is below 18', 1, [2]],
    ]);
  });

  it('takes conditions, tolerances and severities, and stands beside what a database decides', async () => {
    const where = inSet('class', { values: ['2nd'] });
    expect((await checked([cellSatisfies('code', { holds: () => false, where })])).bad).toEqual([4]);
    expect((await checked([{ ...ADULTS, severity: 'warn' }])).verdict).toBe('warn');
    const mostly = (atLeast: number) =>
      satisfies('mostly', { columns: ['class'], holds: (cells) => cells.class === '1st', atLeast });
    expect((await checked([mostly(0.6)])).verdict).toBe('pass');
    expect((await checked([mostly(0.7)])).bad).toEqual([4, 5]);
    const mixed = await checked([ADULTS, row('young', { holds: 'age < 18', severity: 'warn' }), unique('class')]);
    expect(mixed.statements).toBeGreaterThan(0);
    expect(mixed.bad).toEqual([3, 5, 6]);
    expect(mixed.violations).toEqual([
      ['who travels 1st is an adult', 2, [3, 6]],
      ['age < 18', 1, [2]],
      ['class is different in every row', 3, [3, 5, 6]],
    ]);
  });

  it('has to say true or false: a promise is neither', async () => {
    // As JavaScript may write it.
    const holds = (async () => true) as unknown as () => boolean;
    const { violations } = await checked([satisfies('later', { columns: ['age'], holds })]);
    expect(violations[0]?.[0]).toBe(
      'later; in 5 rows it cannot be computed: expected true or false of it, got {}; it must not be async',
    );
  });

  it('goes on over the blocks of a file, and counts all rows', async () => {
    const lines = [
      'age,class,code',
      ...Array.from({ length: 60_000 }, (_, at) => `${at % 100},1st,"a ${'x'.repeat(at % 7)}"`),
    ];
    const { bad, violations } = await checked([ADULTS], lines);
    expect(violations).toEqual([['who travels 1st is an adult', 10_800, [2, 3, 4, 5, 6]]]);
    expect(bad).toHaveLength(10_800);
  });

  it('is asked of rows of the API', () => {
    const rows = [
      { age: 18, class: '1st', code: 'aa' },
      { age: 17, class: '1st', code: 'aa' },
      { age: 3, class: '2nd', code: null },
    ];
    expect(checkRows(contractWith([ADULTS, LETTERS]), rows).problems).toEqual([
      { row: 1, field: 'age', expected: 'who travels 1st is an adult', got: 'age 17, class "1st"' },
      {
        row: 2,
        field: 'code',
        expected: 'even',
        got: "null, for which it cannot be computed: Cannot read properties of null (reading 'length')",
      },
    ]);
  });

  it('shows nothing of a sensitive column by its message', async () => {
    const contract = contractWith(
      [
        satisfies('told', {
          columns: ['secret'],
          holds: ({ secret }) => {
            throw new Error(`not ${secret}`);
          },
        }),
      ],
      { secret: text({ sensitive: true }) },
    );
    const file = path.join(folder, 'in.csv');
    await writeFile(file, 'age,class,code,secret\n1,1st,a,hush\n');
    const { result } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
    expect(result.violations[0]?.sentence).toBe('told; in 1 row it cannot be computed');
    expect(JSON.stringify(result)).not.toContain('hush');
  });
});

describe('the identity of a contract', () => {
  const ofText = (holds: () => boolean, uses: readonly unknown[] = []) =>
    contractIdentity(contractWith([satisfies('one', { columns: ['age'], holds, uses })]));

  it('changes with the text of a function and of what it uses', () => {
    const known = ofText(() => true, [1, /a/, new Set([1]), () => 1]);
    expect(ofText(() => true, [1, /a/, new Set([1]), () => 1])).toBe(known);
    expect(ofText(() => 1 > 0, [1, /a/, new Set([1]), () => 1])).not.toBe(known);
    expect(ofText(() => true, [1, /b/, new Set([1]), () => 1])).not.toBe(known);
    expect(ofText(() => true, [1, /a/, new Set([2]), () => 1])).not.toBe(known);
    expect(ofText(() => true, [1, /a/, new Set([1]), () => 2])).not.toBe(known);
  });
});

describe('a document of a contract with functions', () => {
  it('is refused, and says what it cannot hold', () => {
    expect(() => toOdcs(contractWith([ADULTS, LETTERS, inRange('age', { min: 0 })]))).toThrow(
      'a document cannot hold functions in TypeScript; it has adults-in-first, even. State them in SQL by row(), or leave them out: toOdcs(contract, { leavesOutFunctions: true }).',
    );
  });

  it('lists them as not checked where they may be left out', async () => {
    const cell = cellSatisfies('code', { holds: () => true });
    const again = await fromOdcs(
      toOdcs(contractWith([ADULTS, inRange('age', { min: 0 }), cell]), { leavesOutFunctions: true }),
    );
    expect(again.expectations.map(({ name }) => name)).toEqual(['in-range']);
    const reason = 'it is a function in TypeScript, which a document cannot hold';
    expect(again.unchecked).toEqual([
      { path: 'people.adults-in-first', rule: 'who travels 1st is an adult', reason },
      { path: 'people.cell-satisfies', column: 'code', rule: 'code is as a function says', reason },
    ]);
  });
});

describe('satisfies', () => {
  it.each([
    [
      'SQL',
      () => satisfies('one', { columns: ['age'], holds: 'age > 1' as unknown as () => boolean }),
      'For SQL there is row()',
    ],
    ['no column', () => satisfies('one', { columns: [], holds: () => true }), 'got none'],
    ['itself as a condition', () => inRange('age', { max: 1, where: ADULTS }), 'got the function "adults-in-first"'],
    [
      'a condition in SQL',
      () => contractWith([satisfies('one', { columns: ['age'], holds: () => true, where: 'age > 1' })]),
      'its condition is one that only a database decides',
    ],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
