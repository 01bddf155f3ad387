import type { Column, ColumnKind, Contract } from '../contract.ts';
import { isKernelKind, toKernelKind } from '../kernel/kernel-kind.ts';
import type { CellTest, KernelColumn, KernelKey } from '../kernel/plan.ts';
import { needsOf } from '../rules/needs.ts';
import type { Rule } from '../rules/rule.ts';
import { maybeRowTest } from '../rules/to-row-test.ts';
import type { FunctionTestPlan } from '../sweep/function-tests.ts';
import type { RowTestPlan } from '../sweep/row-tests.ts';
import type { RowBit, TallyPlan } from '../sweep/sweep-plan.ts';
import type { Flag } from './flags.ts';
import { maybeFunctionTest } from './function-test.ts';
import { maybeKernelTest } from './kernel-test.ts';
import type { HeaderMatch } from './match-header.ts';
import type { Condition } from './placed-expectations.ts';
import { reasonOf } from './reason-of.ts';

/** The parts of a plan, expectation by expectation. */
export class SweepDraft {
  readonly #contract: Contract;
  readonly #header: HeaderMatch;
  readonly #tests = new Map<string, CellTest[]>();
  /** By column, the bit of a text that is no value of its kind. */
  readonly #kindBits = new Map<string, number>();
  /** By column, the bit of a value that is none of its categories. */
  readonly #setBits = new Map<string, number>();
  readonly #categories = new Set<string>();
  readonly bits: RowBit[] = [];
  readonly tallies: TallyPlan[] = [];
  readonly keys: KernelKey[] = [];
  readonly rowTests: RowTestPlan[] = [];
  readonly functions: FunctionTestPlan[] = [];
  /** Columns that are read as another kind than that of the contract. */
  readonly otherColumns: KernelColumn[] = [];

  constructor(contract: Contract, header: HeaderMatch) {
    this.#contract = contract;
    this.#header = header;
  }

  readonly kindOf = (column: string): ColumnKind => this.#contract.columns[column]?.kind ?? 'text';

  /** Whether rows, and keys in their order, are enough to decide it. */
  decides({ expectation: { rule, holds } }: Condition): boolean {
    if (rule === undefined) return false;
    if (rule.over === 'row' && rule.test === 'function') return holds !== undefined;
    if (rule.over === 'key')
      return rule.where === undefined && rule.columns.every((column) => isKernelKind(this.kindOf(column)));
    if (rule.over === 'cell' && maybeKernelTest(rule, { kind: this.kindOf(rule.column), bit: 0 }) !== undefined)
      return true;
    return maybeRowTest(rule, this.kindOf) !== undefined;
  }

  /** Adds an expectation that it decides. */
  add({ expectation, bit, place }: Flag): void {
    const { rule } = expectation;
    // Whether a tolerance is kept to is known at the end.
    const isFailing = expectation.severity === 'fail' && expectation.atLeast === undefined;
    this.bits[bit] = { isFailing, reason: reasonOf(expectation), place };
    if (rule === undefined) return;
    if (rule.over === 'key') {
      this.keys.push(this.#keyOf(rule.columns, bit));
      return;
    }
    // Functions are added when all bits of violations are.
    if (rule.over === 'row' && rule.test === 'function') return;
    const found = rule.over === 'cell' ? maybeKernelTest(rule, { kind: this.kindOf(rule.column), bit }) : undefined;
    if (rule.over === 'cell' && rule.test === 'kind' && rule.where === undefined)
      if (rule.kind === this.kindOf(rule.column)) this.#kindBits.set(rule.column, bit);
    if (found === undefined) this.rowTests.push({ bit, rule, columns: this.#columnsOf(rule) });
    else if (rule.over === 'cell') this.#addTest(rule.column, found);
  }

  /** The same flag with a bit that counts the rows for which its function throws; as it is for one that has none. */
  withFunction(flag: Flag): Flag {
    const { expectation, bit } = flag;
    const isViolated = maybeFunctionTest(expectation, this.kindOf);
    if (isViolated === undefined || expectation.rule === undefined) return flag;
    const failureBit = this.bits.length;
    this.bits.push({ isFailing: false, reason: '', isHidden: true });
    this.functions.push({ bit, failureBit, columns: this.#columnsOf(expectation.rule), isViolated });
    return { ...flag, failureBit };
  }

  /** The bit of a key that counts how many rows repeat a value of the column. */
  bitOfRepeats(column: string): number {
    const own = this.keys.find(
      ({ positions: [first, ...more] }) => first === this.#positionOf(column) && more.length === 0,
    );
    if (own !== undefined) return own.bit;
    const bit = this.bits.length;
    this.bits.push({ isFailing: false, reason: '', isHidden: true });
    this.keys.push(this.#keyOf([column], bit));
    return bit;
  }

  /** Asks for the rows of each category of a column. */
  countCategories(column: string): void {
    this.#categories.add(column);
  }

  /** Asks for the rows of each value that is no category of a column; returns the bit of the tally. */
  bitOfOthers(column: string): number | undefined {
    const bit = this.#setBits.get(column);
    if (bit === undefined || this.tallies.some((tally) => tally.bit === bit)) return bit;
    this.tallies.push({ bit, position: this.#positionOf(column) });
    return bit;
  }

  bitOfKind(column: string): number | undefined {
    return this.#kindBits.get(column);
  }

  columnOf(name: string, column: Column): KernelColumn {
    const counts = isNumeric(column) ? 'numbers' : this.#categories.has(name) ? 'categories' : 'nulls';
    return {
      position: this.#positionOf(name),
      kind: toKernelKind(column.kind),
      counts,
      tests: this.#tests.get(name) ?? [],
    };
  }

  #addTest(name: string, { test, kind }: { readonly test: CellTest; readonly kind: ColumnKind }): void {
    if (kind !== toKernelKind(this.kindOf(name))) {
      this.otherColumns.push({ position: this.#positionOf(name), kind, counts: 'nulls', tests: [test] });
      return;
    }
    // The kernel counts the values of the first set.
    if (test.test === 'set' && !this.#setBits.has(name)) this.#setBits.set(name, test.bit);
    const others = this.#tests.get(name);
    if (others === undefined) this.#tests.set(name, [test]);
    else others.push(test);
  }

  #keyOf(columns: readonly string[], bit: number): KernelKey {
    return {
      bit,
      positions: columns.map((column) => this.#positionOf(column)),
      kinds: columns.map((column) => toKernelKind(this.kindOf(column))),
    };
  }

  #columnsOf(rule: Rule): RowTestPlan['columns'] {
    return needsOf(rule, this.kindOf).columns.map((name) => {
      return { name, position: this.#positionOf(name), kind: this.kindOf(name) };
    });
  }

  #positionOf(column: string): number {
    // Only columns of the file are asked about.
    return this.#header.positions.get(column) ?? 0;
  }
}

export function isNumeric({ kind, alwaysNull = false }: Column): boolean {
  return !alwaysNull && (kind === 'number' || kind === 'integer');
}
