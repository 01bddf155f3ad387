import type { ColumnKind } from '../../contract.ts';
import type { CellTest, KernelColumn } from '../../kernel/plan.ts';
import { byteDfa } from '../../patterns/byte-dfa.ts';
import type { ReadBlocks } from '../../sweep/read-blocks.ts';
import type { BlockPlan } from '../../sweep/sweep-plan.ts';
import { GUESSED } from '../compile-profile.ts';
import { narrowest } from './first-look.ts';
import { planPass, type Reading } from './plan-tally.ts';

const DAY_CHARACTERS = 'YYYY-MM-DD'.length;
const DIGITS = '[+-]?[0-9]+';

/** A pass over a whole file that finds the kinds of columns whose first rows told wrong. */
export interface KindsPass {
  readonly planOf: (reading: Reading) => BlockPlan;
  /** The kinds, by position, once the pass is made. */
  kindsIn(found: ReadBlocks): ReadonlyMap<number, ColumnKind>;
}

/** Plans that pass: each kind violates a bit where a cell is not written as it is. */
export function findKinds(positions: readonly number[]): KindsPass {
  const asked = positions.flatMap((position) => GUESSED.map((kind) => ({ position, kind })));
  const columns = asked.map(({ position, kind }, bit): KernelColumn => {
    return { position, kind, counts: 'nulls', tests: testsOf(kind, bit) };
  });
  return {
    planOf: (reading) => planPass({ columns, keys: [], bits: asked.length }, reading),
    kindsIn: ({ counts }) => {
      const fitting = asked.filter((_, bit) => counts[bit] === 0);
      return new Map(
        positions.map((position) => {
          const kinds = fitting.filter((each) => each.position === position).map(({ kind }) => kind);
          return [position, narrowest(kinds)];
        }),
      );
    },
  };
}

function testsOf(kind: ColumnKind, bit: number): readonly CellTest[] {
  const isOfKind = { bit, test: 'kind' } as const;
  if (kind === 'date') return [isOfKind, { bit, test: 'length', max: DAY_CHARACTERS }];
  const dfa = kind === 'integer' ? byteDfa(DIGITS) : undefined;
  return dfa === undefined ? [isOfKind] : [isOfKind, { bit, test: 'pattern', dfa }];
}
