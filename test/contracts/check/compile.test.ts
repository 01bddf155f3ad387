import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  boolean,
  category,
  columnsMatch,
  date,
  defineContract,
  integer,
  meanBetween,
  number,
  row,
  text,
  timestamp,
} from '#contracts';
import { compileCheck } from '../../../src/contracts/check/compile.ts';
import { matchHeader } from '../../../src/contracts/check/header.ts';

const golden = path.join(import.meta.dirname, '../../golden/contracts');
const contract = defineContract({
  name: 'passengers',
  columns: {
    id: integer({ role: 'id', unique: true, min: 1 }),
    age: number({ min: 0, max: 120.5, nullable: true }),
    class: category(['1st', "crew's"]),
    code: text({ pattern: '[A-Z]{2}', lengthMax: 2, nullable: true }),
    seen: timestamp(),
    born: date({ nullable: true }),
    alive: boolean({ severity: 'warn' }),
    deck: text({ alwaysNull: true }),
  },
  expectations: [row('old', { holds: 'age > 1', columns: ['age'] }), meanBetween('age', { max: 60 }), columnsMatch()],
});

/** What is compiled, statement by statement; written when it is not there yet, which fails where nobody looks at it. */
async function expectGolden(name: string, header: readonly string[]): Promise<void> {
  const compiled = compileCheck(contract, {
    header: matchHeader(contract, header),
    file: 'canonical.csv',
    recordBytesLongest: 80,
  });
  const statements = [
    compiled.createRows,
    compiled.createFlagged,
    compiled.createHeader,
    compiled.countRows,
    compiled.countFlagged,
    compiled.badRows,
  ];
  const content = [...statements, ...compiled.tables.map(({ sql }) => sql)].map((sql) => `${sql};\n`).join('\n');
  const file = path.join(golden, name);
  if (!existsSync(file) && process.env.CI === undefined) await writeFile(file, content);
  expect(content).toBe(await readFile(file, 'utf8'));
}

describe('compileCheck', () => {
  it('compiles a contract for a file with all of its columns', () =>
    expectGolden('all-columns.sql', Object.keys(contract.columns)));

  it('compiles it for a file that lacks some, has others and misspells one', () =>
    expectGolden('other-columns.sql', ['more', 'AGE', 'id', 'alive']));
});
