import { randomInt } from 'node:crypto';
import type { Column, Contract, Expectation } from '../contract.ts';
import type { CellTest, KernelColumn, KernelKey } from '../kernel/plan.ts';
import { RECORD_BYTES_MAX } from '../scan/record-scanner.ts';
import type { SweepPlan } from '../sweep/sweep-plan.ts';
import type { CountedColumn } from './compile.ts';
import { impliedExpectations } from './derived.ts';
import { type Flag, flagsOf } from './flags.ts';
import type { HeaderMatch } from './match-header.ts';
import { reasonOf } from './split-rows.ts';

/** How one pass over a file checks it against a contract, and what its numbers mean. */
export interface PlannedSweep extends SweepPlan {
  /** By bit. */
  readonly flags: readonly Flag[];
  /** The columns that are counted, as the first of the plan's columns. */
  readonly columns: readonly CountedColumn[];
}

export interface PlanSweepOptions {
  readonly header: HeaderMatch;
  /** What separates the cells of the file, and of what is written. */
  readonly delimiters: { readonly from: string; readonly to: string };
  readonly recordBytesMax: number | undefined;
  /** Whether the lines of the file end with CRLF. */
  readonly hasReturns: boolean;
}

const SEEDS = 2 ** 32;

/** The plan for a contract that one pass can check as a whole; undefined for another. */
export function maybeSweepPlan(contract: Contract, options: PlanSweepOptions): PlannedSweep | undefined {
  const { header, delimiters, hasReturns, recordBytesMax = RECORD_BYTES_MAX } = options;
  if (contract.expectations.length > 0) return undefined;
  const present = (column: string): boolean => header.positions.has(column);
  const implied = impliedExpectations(contract, present);
  const conditions = implied.map((expectation, place) => ({ expectation, place, isAsserted: false }));
  const flags = flagsOf(conditions, { firstMask: 0, isGuarded: false });
  const tests = new Map<string, CellTest[]>();
  const keys: KernelKey[] = [];
  for (const { expectation, bit } of flags) {
    const name = expectation.column ?? '';
    const column = contract.columns[name];
    const position = header.positions.get(name);
    if (column === undefined || position === undefined) return undefined;
    if (expectation.form === 'key') {
      keys.push({ bit, positions: [position], kinds: [column.kind] });
      continue;
    }
    const test = maybeTest(expectation, column, bit);
    if (test === undefined) return undefined;
    const others = tests.get(name);
    if (others === undefined) tests.set(name, [test]);
    else others.push(test);
  }
  const counted = Object.entries(contract.columns).filter(([name]) => present(name));
  const isKept = delimiters.from === delimiters.to && !hasReturns;
  return {
    flags,
    bits: flags.map(({ expectation }) => ({
      isFailing: expectation.severity === 'fail',
      reason: reasonOf(expectation),
    })),
    columns: counted.map(([name, column], index) => ({ name, index, hasMean: isNumeric(column), isTyped: false })),
    kernel: {
      delimiter: delimiters.from.charCodeAt(0),
      fields: header.names.length,
      recordBytesMax,
      columns: counted.map(([name, column]): KernelColumn => {
        const counts = isNumeric(column) ? 'numbers' : 'nulls';
        // All of these columns are in the file.
        return { position: header.positions.get(name) ?? 0, kind: column.kind, counts, tests: tests.get(name) ?? [] };
      }),
      keys,
      bits: flags.length,
      output: isKept ? 'ranges' : 'rewrite',
      outputDelimiter: delimiters.to.charCodeAt(0),
      seed: randomInt(SEEDS),
    },
  };
}

function isNumeric({ kind, alwaysNull = false }: Column): boolean {
  return !alwaysNull && (kind === 'number' || kind === 'integer');
}

/** The test for what a column implies. */
function maybeTest({ maker }: Expectation, column: Column, bit: number): CellTest | undefined {
  switch (maker) {
    case 'not-null':
      return { bit, test: 'present' };
    case 'always-null':
      return { bit, test: 'absent' };
    case 'of-type':
      return { bit, test: 'kind' };
    default:
      return maybeValueTest({ maker, column, bit });
  }
}

function maybeValueTest({ maker, column, bit }: { maker: string | undefined; column: Column; bit: number }) {
  if (maker === 'in-set' && column.kind === 'category') return { bit, test: 'set', values: column.categories } as const;
  if (maker === 'in-range' && (column.kind === 'number' || column.kind === 'integer')) {
    return { bit, test: 'range', ...boundsOf(column) } as const;
  }
  if (maker !== 'length-between' || column.kind !== 'text') return undefined;
  return { bit, test: 'length', ...boundsOf({ min: column.lengthMin, max: column.lengthMax }) } as const;
}

function boundsOf({ min, max }: { readonly min?: number | undefined; readonly max?: number | undefined }) {
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}
