import type { CellValue, ColumnKind } from '../contract.ts';
import { maybeValue } from '../kinds/cell-value.ts';
import type { Row } from '../rules/row.ts';
import type { Rule } from '../rules/rule.ts';
import { type IsViolated, maybeRowTest } from '../rules/to-row-test.ts';
import { fieldsOf } from '../scan/fields.ts';

/** A rule that TypeScript decides, row by row. */
export interface RowTestPlan {
  readonly bit: number;
  readonly rule: Rule;
  /** The columns that it reads. */
  readonly columns: readonly RowTestColumn[];
}

export interface RowTestColumn {
  readonly name: string;
  /** Place in the file, from 0. */
  readonly position: number;
  readonly kind: ColumnKind;
}

/** Rows in one text, each ended by a line feed. */
export interface RowTexts {
  readonly text: Buffer;
  readonly starts: Uint32Array;
  readonly records: number;
}

/** Tests rows by the rules that the kernel has no test for. */
export class RowTests {
  readonly #tests: readonly { readonly bit: number; readonly isViolated: IsViolated }[];
  readonly #row: TextRow;
  readonly #delimiter: string;

  constructor(plans: readonly RowTestPlan[], delimiter: string) {
    const columns = new Map(plans.flatMap((plan) => plan.columns.map((column) => [column.name, column])));
    const kindOf = (name: string): ColumnKind => columns.get(name)?.kind ?? 'text';
    this.#delimiter = delimiter;
    this.#row = new TextRow(columns);
    this.#tests = plans.map(({ bit, rule }) => {
      const isViolated = maybeRowTest(rule, kindOf);
      if (isViolated === undefined) throw new Error(`Expected a rule that a row decides; got ${JSON.stringify(rule)}.`);
      return { bit, isViolated };
    });
  }

  get isEmpty(): boolean {
    return this.#tests.length === 0;
  }

  /** Calls with each row, by its number, and each bit that it violates. */
  run({ text, starts, records }: RowTexts, onViolated: (row: number, bit: number) => void): void {
    for (let row = 0; row < records; row++) {
      // One start more than there are rows; behind each row is its line feed.
      const record = text.toString('utf8', starts[row] as number, (starts[row + 1] as number) - 1);
      this.#row.cells = fieldsOf(record, this.#delimiter);
      for (const { bit, isViolated } of this.#tests) if (isViolated(this.#row)) onViolated(row, bit);
    }
  }
}

/** The cells of one row. */
class TextRow implements Row {
  readonly #columns: ReadonlyMap<string, RowTestColumn>;
  cells: readonly string[] = [];

  constructor(columns: ReadonlyMap<string, RowTestColumn>) {
    this.#columns = columns;
  }

  text(name: string): string | null {
    const column = this.#columns.get(name);
    return (column && this.cells[column.position]) || null;
  }

  value(name: string): CellValue | null {
    const column = this.#columns.get(name);
    const text = column && this.cells[column.position];
    return column && text ? (maybeValue(column.kind, text) ?? null) : null;
  }
}
