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
  readonly #reader: RowReader;

  constructor(plans: readonly RowTestPlan[], delimiter: string) {
    const columns = plans.flatMap((plan) => plan.columns);
    const kinds = new Map(columns.map(({ name, kind }) => [name, kind]));
    this.#reader = new RowReader(columns, delimiter);
    this.#tests = plans.map(({ bit, rule }) => {
      const isViolated = maybeRowTest(rule, (name) => kinds.get(name) ?? 'text');
      if (isViolated === undefined) throw new Error(`Expected a rule that a row decides; got ${JSON.stringify(rule)}.`);
      return { bit, isViolated };
    });
  }

  get isEmpty(): boolean {
    return this.#tests.length === 0;
  }

  /** Calls with each row, by its number, and each bit that it violates. */
  run(rows: RowTexts, onViolated: (row: number, bit: number) => void): void {
    this.#reader.each(rows, (row, number) => {
      for (const { bit, isViolated } of this.#tests) if (isViolated(row)) onViolated(number, bit);
    });
  }
}

/** Reads rows of canonical text, one after the other. */
export class RowReader {
  readonly #row: TextRow;
  readonly #delimiter: string;
  /** Cells behind the last column that is read are not looked at. */
  readonly #cells: number;

  constructor(columns: readonly RowTestColumn[], delimiter: string) {
    this.#cells = columns.reduce((most, { position }) => Math.max(most, position + 1), 1);
    this.#row = new TextRow(new Map(columns.map((column) => [column.name, column])));
    this.#delimiter = delimiter;
  }

  /** Calls with each row and its number; the row is the next one afterwards. */
  each({ text, starts, records }: RowTexts, onRow: (row: Row, number: number) => void): void {
    for (let number = 0; number < records; number++) {
      // One start more than there are rows; behind each row is its line feed.
      const record = text.toString('utf8', starts[number] as number, (starts[number + 1] as number) - 1);
      this.#row.cells = fieldsOf(record, this.#delimiter, this.#cells);
      onRow(this.#row, number);
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
