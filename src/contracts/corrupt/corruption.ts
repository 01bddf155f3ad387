import { matchHeader } from '../check/match-header.ts';
import type { Contract } from '../contract.ts';
import type { RecordForm } from '../scan/record-form.ts';
import { assertSuited } from './assert-suited.ts';
import type { CellInjector, FileChange, FileInjector, InjectedError, Injector, RowInjector } from './injector.ts';
import { type Random, seeded } from './random.ts';

/** How many earlier rows are kept to take keys from. */
const EARLIER_MAX = 100;

export interface CorruptionOptions {
  readonly contract: Contract;
  readonly seed: number;
  readonly injectors: readonly Injector[];
  /** Whether the kinds were named, so that each one is required. */
  readonly areAsked: boolean;
  readonly rows: number;
  /** How the records of the file are written, and the names of its columns. */
  readonly form: RecordForm;
  readonly names: readonly string[];
  /** How many rows to corrupt. */
  readonly errors: number;
  readonly write: (record: Buffer) => void;
  readonly tell: (error: InjectedError) => void;
}

/** Corrupts a file record by record: which, how and where is determined by the seed. */
export class Corruption {
  readonly #options: CorruptionOptions;
  readonly #random: Random;
  readonly #earlier: (readonly string[])[] = [];
  #positions: ReadonlyMap<string, number> | undefined;
  #changes: readonly FileChange[] = [];
  #row = 0;
  #rowsLeft: number;
  #errorsLeft: number;

  constructor(options: CorruptionOptions) {
    this.#options = options;
    this.#random = seeded(options.seed);
    this.#rowsLeft = options.rows;
    this.#errorsLeft = options.errors;
  }

  take(bytes: Buffer, isSound: boolean): void {
    const { write } = this.#options;
    const record = bytes.subarray(0, -1);
    if (this.#positions === undefined) {
      this.#head(record);
      return;
    }
    if (this.#changes.some(({ isEmpty }) => isEmpty)) return;
    this.#row++;
    // The probability is adjusted row by row, so that exactly the requested number is reached.
    const isHit = this.#random.next() * this.#rowsLeft < this.#errorsLeft;
    this.#rowsLeft--;
    if (isHit) this.#errorsLeft--;
    // A record that is broken already stays unchanged.
    write(isSound ? this.#written(record, isHit) : record);
  }

  #written(record: Buffer, isHit: boolean): Buffer {
    const { form } = this.#options;
    const fields = form.fieldsOf(record);
    const broken = isHit ? this.#broken(fields) : undefined;
    if (broken !== undefined) return broken;
    const changed = this.#changes.length === 0 ? undefined : this.#changed(fields);
    if (this.#earlier.length < EARLIER_MAX) this.#earlier.push(changed ?? fields);
    return changed === undefined ? record : Buffer.from(form.toRecord(changed));
  }

  /** What stands before the rows: as it was, unless the columns change. */
  #head(head: Buffer): void {
    const { contract, injectors, areAsked, write, tell, names, form } = this.#options;
    const positions = matchHeader(contract, names).positions;
    if (areAsked) assertSuited(injectors, { contract, positions });
    this.#positions = positions;
    const whole = injectors.filter((injector): injector is FileInjector => injector.level === 'file');
    const suited = whole.filter((injector) => injector.suits(contract) && positions.size > 0);
    this.#changes = suited.map((injector) => {
      const change = injector.plan({ contract, positions, random: this.#random, form });
      tell({ row: 0, column: change.column, kind: injector.kind, before: '', after: '' });
      return change;
    });
    if (this.#changes.some(({ isEmpty }) => isEmpty)) return;
    const header = this.#changes.reduce((given, change) => change.header(given), names);
    const written = header === names ? head : form.maybeHeader(header);
    // A file without a header row has nothing there.
    if (written !== undefined && written.length > 0) write(Buffer.from(written));
  }

  #changed(fields: readonly string[]): readonly string[] {
    return this.#changes.reduce((given, change) => change.row(given) ?? given, fields);
  }

  /** The broken record, or undefined when no injector suits this row. */
  #broken(fields: readonly string[]): Buffer | undefined {
    const choices = this.#options.injectors.filter((injector) => injector.level !== 'file');
    while (choices.length > 0) {
      const injector = this.#random.pick(choices);
      const broken = injector.level === 'cell' ? this.#brokenCell(injector, fields) : this.#brokenRow(injector, fields);
      if (broken !== undefined) return broken;
      choices.splice(choices.indexOf(injector), 1);
    }
    return undefined;
  }

  #brokenCell(injector: CellInjector, given: readonly string[]): Buffer | undefined {
    const { contract, tell, form } = this.#options;
    const suited = [...(this.#positions ?? [])].flatMap(([name, position]) => {
      const column = contract.columns[name];
      return column !== undefined && injector.suits(column) ? [{ name, position, column }] : [];
    });
    if (suited.length === 0) return undefined;
    const { name, position, column } = this.#random.pick(suited);
    const before = given[position] ?? '';
    const after = injector.inject(before, { column, random: this.#random, form });
    if (after === before) return undefined;
    tell({ row: this.#row, column: name, kind: injector.kind, before, after });
    return Buffer.from(form.toRecord(this.#changed(given.with(position, after))));
  }

  #brokenRow(injector: RowInjector, fields: readonly string[]): Buffer | undefined {
    const { contract, tell, form } = this.#options;
    const positions = this.#positions ?? new Map<string, number>();
    if (!injector.suits(contract) || this.#changes.length > 0) return undefined;
    const earlier = this.#earlier.length === 0 ? undefined : this.#random.pick(this.#earlier);
    const broken = injector.inject(fields, { contract, positions, random: this.#random, earlier, form });
    if (broken === undefined) return undefined;
    const { bytes, ...about } = broken;
    tell({ row: this.#row, kind: injector.kind, ...about });
    return bytes;
  }
}
