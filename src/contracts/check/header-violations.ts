import type { Violation } from '../check-result.ts';
import type { Contract } from '../contract.ts';
import { type HeaderMatch, headerOf } from './match-header.ts';
import { reasonOf } from './reason-of.ts';

/** What is wrong with the header itself, as violations of the whole file of `rows` rows. */
export function headerViolations(contract: Contract, match: HeaderMatch, rows: number): readonly Violation[] {
  const isFrozen = contract.evolution === 'freeze';
  const isStrict = isFrozen || contract.evolution === 'strict';
  const weight = (isFailing: boolean) =>
    isFailing ? ({ severity: 'fail', ...whole(rows) } as const) : ({ severity: 'warn', rows: 0, share: 0 } as const);
  return [
    ...match.missing.map((column): Violation => {
      const severity = contract.columns[column]?.alwaysNull === true ? 'warn' : 'fail';
      const called = headerOf(contract, column);
      const inFile = called === column ? '' : `, named ${JSON.stringify(called)} in files,`;
      const sentence = `column ${column}${inFile} is missing`;
      return { expectation: 'column-present', column, category: 'missing-column', severity, ...whole(rows), sentence };
    }),
    ...match.repeated.map((column): Violation => {
      const sentence = `column ${column} occurs more than once, so it is unclear which is meant`;
      return { expectation: 'column-once', column, category: 'schema', severity: 'fail', ...whole(rows), sentence };
    }),
    ...match.extra.map((name): Violation => {
      const sentence = `column ${name.trim() === '' ? '(without a name)' : name} is not in the contract`;
      const about = { expectation: 'no-extra-column', column: name, category: 'schema' } as const;
      return { ...about, ...weight(isStrict), sentence };
    }),
    ...match.respelled.map(({ file, contract: column }): Violation => {
      const about = { expectation: 'column-spelling', column, category: 'schema' } as const;
      return { ...about, ...weight(isFrozen), sentence: `column ${column} is spelled ${JSON.stringify(file)}` };
    }),
    ...(isFrozen && !isInOrder(contract, match)
      ? [
          {
            expectation: 'column-order',
            category: 'schema',
            ...weight(true),
            sentence: 'the columns are in another order',
          } as const,
        ]
      : []),
  ];
}

function isInOrder(contract: Contract, { positions }: HeaderMatch): boolean {
  const found = Object.keys(contract.columns).flatMap((name) => positions.get(name) ?? []);
  return found.every((position, index) => index === 0 || position > (found[index - 1] ?? 0));
}

function whole(rows: number): { rows: number; share: number } {
  return { rows, share: rows === 0 ? 0 : 1 };
}

/** What makes every row bad, in the words of the file of bad rows. */
export function failingReasons(violations: readonly Violation[]): readonly string[] {
  return violations.filter(({ severity }) => severity === 'fail').map(reasonOf);
}
