import { boolean, category, date, decimal, duration, integer, number, text, time, timestamp } from '../columns.ts';
import type { Column, Contract } from '../contract.ts';
import { defineContract, NAME_LENGTH_MAX, RESERVED_NAME } from '../define-contract.ts';
import type { FileFormat } from '../format/file-format.ts';
import { isDecimal, sizeOf } from '../kinds/decimal.ts';
import { KNOWN_DELIMITERS } from '../scan/delimiters.ts';
import { partsOfName } from '../scan/file-name.ts';
import { maybeDecimalsOf } from './decimals-of.ts';
import type { ColumnProfile, Profile } from './profile.ts';
import { type ColumnRoles, maybeClasses, proposeRoles, type SingleRole } from './propose-roles.ts';

const CATEGORIES_MAX = 20;
/** A text counts as a category when its values occur at least this often on average. */
const ROWS_PER_CATEGORY = 5;

/** What a profile does not know. */
export interface SuggestOptions {
  /** Name of the contract; made from the name of the file unless set. */
  readonly name?: string;
  /** What separates the cells; `,` unless set. */
  readonly delimiter?: string;
  /** How the file is written, but for its delimiter; in the default form unless set. */
  readonly format?: FileFormat;
  /** Names of the profiled columns that are id, label and time; an id is looked for unless set. */
  readonly roles?: ColumnRoles;
}

/**
 * A contract that the profiled data meets, as a start to edit: kinds, what may be empty, categories, bounds where the
 * data suggests natural ones, and the first column that looks like an id. To find that id in a file of very many rows,
 * create the profile with `provesUnique`.
 */
export function suggestContract(profile: Profile, options: SuggestOptions = {}): Contract {
  const roles = options.roles ?? { id: proposeRoles(profile).id?.column };
  const names = namesOf(profile.columns);
  const columns = profile.columns.map((column, index) => {
    const [name, called] = [names[index] ?? '', headerOf(column)];
    const header = name === called ? {} : { header: called };
    return [name, suggestColumn(column, { profile, role: roleOf(column, roles), header })] as const;
  });
  return defineContract({
    name: options.name ?? nameOf(profile.file),
    columns: Object.fromEntries(columns),
    ...formatOf(options),
  });
}

/** Good rows have the delimiter of the file where a contract can name it. */
function formatOf({
  delimiter,
  format = {},
}: SuggestOptions): Pick<Contract, 'format'> & Partial<Pick<Contract, 'delimiter'>> {
  const known = KNOWN_DELIMITERS.find((each) => each === delimiter);
  const whole = known !== undefined || delimiter === undefined ? format : { ...format, delimiter };
  return {
    ...(known === undefined ? {} : { delimiter: known }),
    ...(Object.keys(whole).length === 0 ? {} : { format: whole }),
  };
}

/** The file's name without its extension, as far as it is a valid name of a contract. */
function nameOf(file: string): string {
  const words = partsOfName(file)
    .name.normalize('NFC')
    .replaceAll(/[^\p{L}\p{N} ._-]+/gu, '-');
  const name = [...words.replace(/^[^\p{L}\p{N}]+/u, '')].slice(0, NAME_LENGTH_MAX).join('').trimEnd();
  return name || 'data';
}

const headerOf = ({ name, header = name }: ColumnProfile): string => header;

/** Valid names for the columns: no two differ only in case, and none is another's header. */
function namesOf(columns: readonly ColumnProfile[]): readonly string[] {
  const spelling = (name: string): string => name.normalize('NFC').toLowerCase();
  const headers = new Set(columns.map(headerOf));
  const taken = new Set<string>();
  return columns.map((column) => {
    const plain = column.name.replaceAll(/[\0\r\n"]/g, ' ').trim() || 'column';
    const base = RESERVED_NAME.test(plain) ? `column ${plain}` : plain;
    let name = base;
    for (let number = 2; taken.has(spelling(name)) || (name !== headerOf(column) && headers.has(name)); number++)
      name = `${base} (${number})`;
    taken.add(spelling(name));
    return name;
  });
}

function roleOf(
  { name }: ColumnProfile,
  roles: Partial<Record<SingleRole, string | undefined>>,
): SingleRole | undefined {
  return (['id', 'label', 'time'] as const).find((role) => roles[role] === name);
}

interface Suggesting {
  readonly profile: Profile;
  readonly role: SingleRole | undefined;
  readonly header: { readonly header?: string };
}

function suggestColumn(column: ColumnProfile, { profile, role, header }: Suggesting): Column {
  const { nulls, misfits = 0 } = column;
  const filled = profile.rows - nulls;
  // Nothing is known of a file without rows, and a misfit has no value.
  if (profile.rows === 0 || misfits > 0) return text({ ...header, nullable: true, role: 'meta' });
  const base = {
    ...header,
    ...(filled === 0 ? { alwaysNull: true } : nulls > 0 ? { nullable: true } : {}),
    ...(role === undefined ? {} : { role }),
    ...(role === 'id' ? { unique: true } : {}),
  };
  const classes = role === 'label' ? maybeClasses(column, profile.rows) : undefined;
  if (classes !== undefined) return category(classes, base);
  if (isDecimal(column.kind)) return decimal({ ...base, ...sizeOf(column.kind) });
  switch (column.kind) {
    case 'number':
      return number({ ...base, ...boundsOf(column, role), ...decimalsOf(column) });
    case 'integer':
      return integer({ ...base, ...boundsOf(column, role) });
    case 'boolean':
      return boolean(base);
    case 'date':
      return date(base);
    case 'timestamp':
      return timestamp(base);
    case 'time':
      return time(base);
    case 'duration':
      return duration(base);
    case 'category':
    case 'text':
    case 'list':
    case 'struct':
      return suggestText(column, { base, filled, isId: role === 'id' });
    default:
      return column.kind satisfies never;
  }
}

function suggestText(
  column: ColumnProfile,
  { base, filled, isId }: { base: object; filled: number; isId: boolean },
): Column {
  const { top = [], distinct } = column;
  const isCategory =
    !isId &&
    distinct > 0 &&
    distinct <= CATEGORIES_MAX &&
    top.length === distinct &&
    filled >= distinct * ROWS_PER_CATEGORY;
  if (isCategory) return category(top.map(({ value }) => value).sort(), base);
  return text({ role: 'meta', ...base });
}

/** Zero where nothing is below it, and a round number with room above the largest; ids have a least one only. */
function boundsOf({ numbers }: ColumnProfile, role: SingleRole | undefined): { min?: number; max?: number } {
  if (numbers === undefined) return {};
  const min = numbers.min >= 0 ? { min: 0 } : {};
  if (role === 'id' || numbers.max <= 0) return min;
  const max = roundUp(numbers.max * 1.5);
  // Near the limits of a double there is no round number.
  return { ...min, max: Number.isFinite(max) && max >= numbers.max ? max : numbers.max };
}

function decimalsOf({ numbers }: ColumnProfile): { decimals?: number } {
  const decimals = numbers && maybeDecimalsOf(numbers);
  return decimals === undefined ? {} : { decimals };
}

/** The next of 1, 2, 5, 10, 20 … */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10;
  return Number((step * power).toPrecision(12));
}
