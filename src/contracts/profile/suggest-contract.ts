import { boolean, category, date, integer, number, text, timestamp } from '../columns.ts';
import type { Column, Contract } from '../contract.ts';
import { defineContract } from '../define-contract.ts';
import type { ColumnProfile, Profile } from './profile.ts';

const CATEGORIES_MAX = 20;
/** A text is taken for a category when its values come back at least so often on average. */
const ROWS_PER_CATEGORY = 5;

export interface SuggestOptions {
  readonly name?: string;
  readonly delimiter?: Contract['delimiter'];
}

/**
 * A contract that the profiled data meets, as a start to edit: kinds, what may be empty, categories, bounds where the data
 * suggests natural ones, and the first column that looks like an id.
 */
export function suggestContract(profile: Profile, options: SuggestOptions = {}): Contract {
  const id = profile.columns.find((column) => isId(column, profile));
  const columns = Object.fromEntries(
    profile.columns.map((column) => [safeName(column.name), suggestColumn(column, { profile, isId: column === id })]),
  );
  return defineContract({
    name: options.name ?? (profile.file.replace(/\.[^.]*$/, '').replaceAll(/[^\p{L}\p{N} ._-]+/gu, '-') || 'data'),
    columns,
    ...(options.delimiter === undefined ? {} : { delimiter: options.delimiter }),
  });
}

function safeName(name: string): string {
  return name.replaceAll(/[\0\r\n"]/g, ' ').trim() || 'column';
}

function isId(column: ColumnProfile, { rows }: Profile): boolean {
  const isNamedSo = /(^|[^a-z])(id|key|number|no)$/i.test(column.name) || /Id$/.test(column.name);
  const { kind, nulls, distinct } = column;
  return isNamedSo && rows > 1 && nulls === 0 && distinct === rows && (kind === 'integer' || kind === 'text');
}

function suggestColumn(column: ColumnProfile, { profile, isId: id }: { profile: Profile; isId: boolean }): Column {
  const filled = profile.rows - column.nulls;
  const base = {
    ...(filled === 0 ? { alwaysNull: true } : column.nulls > 0 ? { nullable: true } : {}),
    ...(id ? ({ role: 'id', unique: true } as const) : {}),
  };
  switch (column.kind) {
    case 'number':
      return number({ ...base, ...boundsOf(column, id) });
    case 'integer':
      return integer({ ...base, ...boundsOf(column, id) });
    case 'boolean':
      return boolean(base);
    case 'date':
      return date(base);
    case 'timestamp':
      return timestamp(base);
    case 'category':
    case 'text':
      return suggestText(column, { base, filled });
    default:
      return column.kind satisfies never;
  }
}

function suggestText(column: ColumnProfile, { base, filled }: { base: object; filled: number }): Column {
  const { top = [], distinct } = column;
  const isCategory =
    distinct > 0 && distinct <= CATEGORIES_MAX && top.length === distinct && filled >= distinct * ROWS_PER_CATEGORY;
  if (isCategory) return category(top.map(({ value }) => value).sort(), base);
  return text({ ...base, role: 'meta' });
}

/** Zero where nothing is below it, and a round number with room above the largest; ids have a least one only. */
function boundsOf({ numbers }: ColumnProfile, id: boolean): { min?: number; max?: number } {
  if (numbers === undefined) return {};
  const min = numbers.min >= 0 ? { min: 0 } : {};
  if (id || numbers.max <= 0) return min;
  return { ...min, max: roundUp(numbers.max * 1.5) };
}

/** The next of 1, 2, 5, 10, 20 … */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10;
  return Number((step * power).toPrecision(12));
}
