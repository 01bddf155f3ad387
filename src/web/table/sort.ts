/** The order of a table: by which column, and which way. */
export interface Sort {
  readonly key: string;
  readonly isDescending: boolean;
}

/** What a cell is sorted and searched by; null when it is empty. */
export type CellValue = string | number | boolean | null | undefined;

// Numbers within a text count as numbers: part-2 comes before part-10.
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** The order as the address keeps it: `rows`, or `-rows` for the largest first. */
export function toSortText({ key, isDescending }: Sort): string {
  return `${isDescending ? '-' : ''}${key}`;
}

/** The order that a text says; undefined when it says none. */
export function maybeSort(text: string | undefined): Sort | undefined {
  if (text === undefined || text === '' || text === '-') return undefined;
  return text.startsWith('-') ? { key: text.slice(1), isDescending: true } : { key: text, isDescending: false };
}

/** The order after a click on a column's head: ascending, descending, then the one the table has without a choice. */
export function nextSort(key: string, current: Sort | undefined): Sort | undefined {
  if (current?.key !== key) return { key, isDescending: false };
  return current.isDescending ? undefined : { key, isDescending: true };
}

/** The value of a text: a number where it is written as one. */
export function toCellValue(text: string | undefined): CellValue {
  const trimmed = text?.trim() ?? '';
  const number = Number(trimmed);
  return trimmed === '' || Number.isNaN(number) ? trimmed : number;
}

/** The records in order of a value; empty values come last either way, and equal ones keep their order. */
export function sortRecords<T>(
  records: readonly T[],
  { by, isDescending }: { readonly by: (record: T) => CellValue; readonly isDescending: boolean },
): T[] {
  const direction = isDescending ? -1 : 1;
  return records
    .map((record) => ({ record, value: by(record) }))
    .sort((a, b) => compareEmpty(a.value, b.value) ?? direction * compare(a.value, b.value))
    .map(({ record }) => record);
}

/** The records of which some value contains each word of the search, whatever its case. */
export function searchRecords<T>(
  records: readonly T[],
  { valuesOf, search }: { readonly valuesOf: (record: T) => readonly CellValue[]; readonly search: string },
): readonly T[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return records;
  return records.filter((record) => {
    const text = valuesOf(record).filter(isFilled).join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

const isFilled = (value: CellValue): boolean => value !== null && value !== undefined && value !== '';

function compareEmpty(a: CellValue, b: CellValue): number | undefined {
  if (isFilled(a) && isFilled(b)) return undefined;
  return Number(isFilled(b)) - Number(isFilled(a));
}

function compare(a: CellValue, b: CellValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}
