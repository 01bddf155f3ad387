import type { ContractColumn } from './project.ts';

type Value = string | number | boolean | null;

/** A row that meets the contract: from the examples of its columns, or within their limits. */
export function toExampleRow(columns: readonly ContractColumn[]): Record<string, Value> {
  return Object.fromEntries(columns.map((column) => [column.name, toExampleValue(column)]));
}

/** A value that meets the contract of a column. */
export function toExampleValue(column: ContractColumn): Value {
  const [example] = column.alwaysNull === true ? [null] : (column.examples ?? []);
  if (example !== undefined) return example;
  const { kind, min, max } = column;
  if (isDecimal(kind)) return String(min ?? max ?? toExampleDecimal(kind));
  switch (kind) {
    case 'time':
      return String(min ?? max ?? '09:30');
    case 'list':
      return '[]';
    case 'struct':
      return '{}';
    case 'duration':
      return String(min ?? max ?? 'PT1H30M');
    case 'number':
    case 'integer':
      return toExampleNumber(column);
    case 'boolean':
      return true;
    case 'category':
      return column.categories?.[0] ?? null;
    case 'text':
      return column.nullable ? null : toExampleText(column);
    case 'timestamp':
      return '2026-01-31T09:30:00Z';
    case 'date':
      return '2026-01-31';
    default:
      return kind satisfies never;
  }
}

type Kind = ContractColumn['kind'];

function isDecimal(kind: Kind): kind is Extract<Kind, `decimal(${string}`> {
  return kind.startsWith('decimal(');
}

/** One unit of the last digit. */
function toExampleDecimal(kind: string): string {
  const [, scale = '0'] = /,(\d+)/.exec(kind) ?? [];
  return scale === '0' ? '1' : `0.${'1'.padStart(Number(scale), '0')}`;
}

/** Hardly any row has it: an example that is sent should not be taken for a row that exists. */
const ID = 999_999_999;

/** The middle of the range, rounded where the range has room for that. */
function toExampleNumber({ kind, role, decimals = 2, ...bounds }: ContractColumn): number {
  const [min, max] = [bounds.min, bounds.max].map((bound) => (bound === undefined ? undefined : Number(bound)));
  if (role === 'id') return max ?? Math.max(min ?? ID, ID);
  const middle = min !== undefined && max !== undefined ? (min + max) / 2 : (min ?? max ?? 1);
  const rounded = kind === 'integer' ? Math.round(middle) : Number(middle.toFixed(decimals));
  return rounded >= (min ?? rounded) && rounded <= (max ?? rounded) ? rounded : middle;
}

const WORD = 'example';

/** The server gives an example of a column with a pattern. */
function toExampleText({ lengthMin = 0, lengthMax }: ContractColumn): string {
  return WORD.padEnd(lengthMin, WORD).slice(0, lengthMax);
}
