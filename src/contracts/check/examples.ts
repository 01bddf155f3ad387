import type { ExampleValue, ViolationExample } from '../check-result.ts';
import type { Contract, Expectation } from '../contract.ts';
import type { RejectedRecord } from '../scan/rejected-writer.ts';
import type { Sample } from '../sweep/samples.ts';
import type { Flag } from './flags.ts';
import type { HeaderMatch } from './match-header.ts';
import { isSensitive } from './sensitive.ts';
import { columnsReadBy, spellingsOf } from './used-columns.ts';

/** Violations with examples: a contract of thousands of columns may have thousands of violations. */
const VIOLATIONS_MAX = 200;
const VALUES_MAX = 5;
const TEXT_LENGTH_MAX = 100;

export interface ExampleOptions {
  readonly contract: Contract;
  readonly header: HeaderMatch;
  /** What examples count in a file of this format. */
  readonly at: ViolationExample['at'];
}

/** Examples by the bit of their flag. */
export type Examples = ReadonlyMap<number, readonly ViolationExample[]>;

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

/** The first rows that violate each expectation, with their values. */
export function examplesOf(
  flags: readonly Flag[],
  { samples, contract, header, at }: ExampleOptions & { readonly samples: ReadonlyMap<number, readonly Sample[]> },
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
