import type { ExampleValue, ViolationExample } from '../check-result.ts';
import type { Contract, Expectation } from '../contract.ts';
import type { RejectedRecord } from '../scan/rejected-writer.ts';
import type { ScanFiles } from '../scan/scan-csv.ts';
import type { Sample } from '../sweep/samples.ts';
import type { FlaggedRows } from './flagged-rows.ts';
import type { Flag } from './flags.ts';
import type { HeaderMatch } from './match-header.ts';
import { readRecords } from './read-records.ts';
import { isSensitive } from './sensitive.ts';
import { columnsReadBy, spellingsOf } from './used-columns.ts';

/** Violations with examples: a contract of thousands of columns may have thousands of violations. */
const VIOLATIONS_MAX = 200;
const VALUES_MAX = 5;
const TEXT_LENGTH_MAX = 100;

export interface ExampleOptions {
  readonly contract: Contract;
  readonly header: HeaderMatch;
  readonly files: Pick<ScanFiles, 'canonical' | 'lineMarks'>;
  /** What examples count in a file of this format. */
  readonly at: ViolationExample['at'];
  readonly signal?: AbortSignal;
}

/** Examples by the bit of their flag. */
export type Examples = ReadonlyMap<number, readonly ViolationExample[]>;

/** The first rows that violate each expectation, with their values; a file whose rows violate nothing is not read. */
export async function findExamples(
  { flags, flagged }: { readonly flags: readonly Flag[]; readonly flagged: readonly FlaggedRows[] },
  options: ExampleOptions,
): Promise<Examples> {
  const firsts = new Map(flagged.flatMap((group) => [...group.firsts]));
  const violated = flags.filter(({ bit }) => firsts.has(bit)).slice(0, VIOLATIONS_MAX);
  const wanted = new Map<number, Flag[]>();
  for (const flag of violated) for (const row of firsts.get(flag.bit) ?? []) addTo(wanted, row, flag);
  const examples = new Map<number, ViolationExample[]>();
  const shown = columnsShown(violated, options.contract);
  const rows = [...wanted.keys()].sort((a, b) => a - b);
  const { files, contract, at, signal } = options;
  const reading = { ...files, delimiter: contract.delimiter, rows, ...(signal === undefined ? {} : { signal }) };
  await readRecords(reading, ({ row, line, fields }) => {
    for (const { bit } of wanted.get(row) ?? []) {
      const values = (shown.get(bit) ?? []).map((column) => cellOf(column, { fields, ...options }));
      addTo(examples, bit, { at, number: line, values });
    }
  });
  return examples;
}

function addTo<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function columnsShown(flags: readonly Flag[], contract: Contract): ReadonlyMap<number, readonly string[]> {
  const spellings = spellingsOf(Object.keys(contract.columns));
  return new Map(
    flags.map(({ bit, expectation }) => [bit, columnsOf(expectation, spellings).slice(0, VALUES_MAX)] as const),
  );
}

function columnsOf(expectation: Expectation, spellings: ReadonlyMap<string, string>): readonly string[] {
  const { column } = expectation;
  return [...new Set([...(column === undefined ? [] : [column]), ...columnsReadBy(expectation, spellings)])];
}

function cellOf(
  column: string,
  { fields, header, contract }: Pick<ExampleOptions, 'contract' | 'header'> & { readonly fields: readonly string[] },
): ExampleValue {
  if (isSensitive(contract, column)) return { column, text: null };
  const position = header.positions.get(column);
  return { column, text: position === undefined ? '' : shortened(fields[position] ?? '') };
}

/** The same of rows that were kept while the file was read. */
export function examplesOf(
  flags: readonly Flag[],
  {
    samples,
    contract,
    header,
    at,
  }: Omit<ExampleOptions, 'files'> & { readonly samples: ReadonlyMap<number, readonly Sample[]> },
): Examples {
  const violated = flags.filter(({ bit }) => samples.has(bit)).slice(0, VIOLATIONS_MAX);
  const shown = columnsShown(violated, contract);
  return new Map(
    violated.map(({ bit }) => {
      const examples = (samples.get(bit) ?? []).map(({ line, cells }): ViolationExample => {
        const values = (shown.get(bit) ?? []).map((column) => cellOf(column, { fields: cells, header, contract }));
        return { at, number: line, values };
      });
      return [bit, examples] as const;
    }),
  );
}

/** The first records with one fault; their text is null when it may hold a sensitive value. */
export function rejectedExamples(
  records: readonly RejectedRecord[],
  { isHidden }: { readonly isHidden: boolean },
): readonly ViolationExample[] {
  return records.map(({ line, text }) => {
    return { at: 'line', number: line, values: [{ text: isHidden ? null : shortened(text) }] };
  });
}

/** Cut between characters, never within one. */
export function shortened(text: string): string {
  if (text.length <= TEXT_LENGTH_MAX) return text;
  const characters = Array.from(text.slice(0, 2 * TEXT_LENGTH_MAX));
  return `${characters.slice(0, TEXT_LENGTH_MAX - 1).join('')}…`;
}
