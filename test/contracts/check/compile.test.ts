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
import { type CompiledGroup, compileGroup, createHeader } from '../../../src/contracts/check/compile.ts';
import { matchHeader } from '../../../src/contracts/check/match-header.ts';
import { placedExpectations } from '../../../src/contracts/check/placed-expectations.ts';
import { planGroups } from '../../../src/contracts/check/plan-groups.ts';
import { GROUP_COLUMNS } from '../../../src/contracts/column-groups.ts';

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

const file = 'canonical.csv';

function compileGroups(names: readonly string[], groupColumns: number): readonly CompiledGroup[] {
  const header = matchHeader(contract, names);
  const compiled: CompiledGroup[] = [];
  const placed = placedExpectations(contract, header);
  for (const group of planGroups(placed, { contract, header, groupColumns }).groups) {
    const firstMask = (compiled.at(-1)?.masks.at(-1) ?? -1) + 1;
    compiled.push(compileGroup(group, { contract, header, file, recordBytesLongest: 80, firstMask }));
  }
  return compiled;
}

/** What is compiled, statement by statement; written when it is not there yet, which fails where nobody looks at it. */
async function expectGolden(
  name: string,
  { header, groupColumns = GROUP_COLUMNS }: { header: readonly string[]; groupColumns?: number },
) {
  const statements = compileGroups(header, groupColumns).flatMap((group) => [
    group.createRows,
    group.createFlagged,
    group.countFlagged,
    ...group.tables.map(({ sql }) => sql),
  ]);
  const content = [createHeader(contract, matchHeader(contract, header)), ...statements]
    .map((sql) => `${sql};\n`)
    .join('\n');
  const place = path.join(golden, name);
  if (!existsSync(place) && process.env.CI === undefined) await writeFile(place, content);
  expect(content).toBe(await readFile(place, 'utf8'));
}

describe('compileGroup', () => {
  it('compiles a contract for a file with all of its columns', () =>
    expectGolden('all-columns.sql', { header: Object.keys(contract.columns) }));

  it('compiles it for a file that lacks some, has others and misspells one', () =>
    expectGolden('other-columns.sql', { header: ['more', 'AGE', 'id', 'alive'] }));

  it('compiles it in groups, each of which reads its own columns', () =>
    expectGolden('groups.sql', { header: Object.keys(contract.columns), groupColumns: 3 }));
});
