import { COERCIONS, type Coercion, coercionsOf } from './coercions/coercion.ts';
import type {
  CategoryColumn,
  Column,
  ColumnBase,
  ColumnKind,
  DecimalColumn,
  ListColumn,
  NumberColumn,
  PlainColumn,
  Role,
  Severity,
  StructColumn,
  TextColumn,
  TimeColumn,
} from './contract.ts';
import { ContractError } from './errors.ts';
import { maybeValue } from './kinds/cell-value.ts';
import { isBefore, maybeConstant } from './kinds/comparable.ts';
import { type DecimalSize, decimalKind, isSize, maybeWritten, PRECISION_MAX } from './kinds/decimal.ts';
import { assertPattern } from './pattern.ts';

/** Options of every kind of column. */
export interface ColumnOptions {
  /** What the column is for; `feature` unless set. The contract of a model has one `id` and one `label`. */
  readonly role?: Role;
  /** Whether a cell may be empty; false unless set. */
  readonly nullable?: boolean;
  /** Whether no value may stand twice; false unless set. */
  readonly unique?: boolean;
  /** What breaking the rules of this column means; `fail` unless set, which makes the row bad. */
  readonly severity?: Severity;
  /**
   * Name of the column in the first line of a file, when it differs from the column's name: `''` for one without a
   * name.
   */
  readonly header?: string;
  /** What forms and charts call it; its name unless set. Example: `'Age at boarding'`. */
  readonly label?: string;
  /** A sentence for those who fill in or read the column; none unless set. */
  readonly description?: string;
  /** Unit of the values, shown beside them; none unless set. Example: `'kg'`. */
  readonly unit?: string;
  /** Values to show in forms and in the API; none unless set. Example: `[29, 41.5]`. */
  readonly examples?: readonly (string | number | boolean)[];
  /** Whether every cell must be empty; false unless set. */
  readonly alwaysNull?: boolean;
  /**
   * Whether a file may lack the column, and a row in JSON the field; false unless set. Nothing is asked of the column then,
   * nor by expectations that name it.
   */
  readonly optional?: boolean;
  /** The environments of the contract whose files have the column; all of them unless set. Example: `['training']`. */
  readonly environments?: readonly string[];
  /**
   * Whether results of checks, reports, alerts and logs name only the lines and the number of its violating cells, and
   * never a value; false unless set.
   */
  readonly sensitive?: boolean;
  /**
   * How cells that are written in another way may be changed; no cell is unless set. Every change is counted in the result,
   * the report and the page, and the file keeps its text. Which ones a kind has: `docs/contracts.md`. Example:
   * `['trim', 'comma']`.
   */
  readonly coerce?: readonly Coercion[];
}
/** Options of `number()` and `integer()`. */
export interface NumberOptions extends ColumnOptions {
  /** Smallest value allowed, itself included; no bound unless set. */
  readonly min?: number;
  /** Largest value allowed, itself included; no bound unless set. */
  readonly max?: number;
  /**
   * Digits after the decimal point that pages show, 0 to 15; as many as the value has unless set. It says nothing about
   * which values are allowed, and `weir init` sets it to the digits that occur.
   */
  readonly decimals?: number;
}
/** Options of `time()` and `duration()`. */
export interface TimeOptions extends ColumnOptions {
  /** Smallest value allowed, itself included, as cells are written: `'08:00'`, `'PT0S'`; no bound unless set. */
  readonly min?: string;
  /** Largest value allowed, itself included, as cells are written: `'18:00'`, `'P7D'`; no bound unless set. */
  readonly max?: string;
}
/** Options of `decimal()`. */
export interface DecimalOptions extends ColumnOptions {
  /** Most digits in all, 1 to 38: `12`. */
  readonly precision: number;
  /** Most digits behind the point, 0 to `precision`: `2`. */
  readonly scale: number;
  /** Smallest value allowed, itself included: `0` or `'0.01'`; no bound unless set. */
  readonly min?: number | string;
  /** Largest value allowed, itself included: `'9999999999.99'`; no bound unless set. */
  readonly max?: number | string;
}
/** Options of `list()`. */
export interface ListOptions extends ColumnOptions {
  /** Fewest items allowed; no bound unless set. */
  readonly lengthMin?: number;
  /** Most items allowed; no bound unless set. */
  readonly lengthMax?: number;
}
/** Options of `text()`. */
export interface TextOptions extends ColumnOptions {
  /**
   * Regular expression (RE2: no look-around, no back-reference) that the whole text matches; any text unless set.
   * Example:
   * `'[A-Z]{2}[0-9]+'`.
   */
  readonly pattern?: string;
  /** Shortest text allowed, in characters (code points); no bound unless set. */
  readonly lengthMin?: number;
  /** Longest text allowed, in characters (code points); no bound unless set. */
  readonly lengthMax?: number;
  /**
   * For an id: whether rows of a file without the column get one, made from the file's digest and the row's place in it;
   * false unless set.
   */
  readonly generated?: boolean;
}

/** Keeps `nullable: true`, `alwaysNull: true` and `optional: true` in the type, so that `RowOf` knows where null is possible. */
type Kept<Options> = {
  readonly nullable: Options extends { readonly nullable: true } ? true : false;
  readonly alwaysNull: Options extends { readonly alwaysNull: true } ? true : false;
  readonly optional: Options extends { readonly optional: true } ? true : false;
};

const COMMON = [
  'role',
  'nullable',
  'unique',
  'severity',
  'header',
  'label',
  'description',
  'unit',
  'examples',
  'alwaysNull',
  'optional',
  'environments',
  'sensitive',
  'coerce',
] as const;
/** A double has no more digits. */
export const DECIMALS_MAX = 15;
const ROLES: readonly string[] = ['id', 'feature', 'label', 'time', 'meta'] satisfies readonly Role[];

/** A finite decimal number: `12`, `-0.5`, `1e3`. */
export function number<const O extends NumberOptions>(options?: O): NumberColumn & { kind: 'number' } & Kept<O> {
  return numeric('number', options);
}

/** A whole number within ±(2^53 − 1), so that JSON, JavaScript and SQL agree on it. */
export function integer<const O extends NumberOptions>(options?: O): NumberColumn & { kind: 'integer' } & Kept<O> {
  return numeric('integer', options);
}

/** `true` or `false` in any case, `1` or `0`. */
export function boolean<const O extends ColumnOptions>(options?: O): PlainColumn & { kind: 'boolean' } & Kept<O> {
  return plain('boolean', options);
}

/** An ISO 8601 date and time, for example `2026-03-01T12:00:00+02:00`; without an offset it is read as UTC. */
export function timestamp<const O extends ColumnOptions>(options?: O): PlainColumn & { kind: 'timestamp' } & Kept<O> {
  return plain('timestamp', options);
}

/**
 * A decimal, exact to its last digit, as DECIMAL(p, s) of databases: digits with at most one point and a sign, and no exponent.
 * Its value is a text with `scale` digits behind the point, `'12.50'`; it is never a double. `12.500` is the decimal 12.50,
 * and 12.505 is none of two digits behind the point.
 */
export function decimal<const O extends DecimalOptions>(options: O): DecimalColumn & Kept<O> {
  const size: DecimalSize = { precision: options?.precision, scale: options?.scale };
  if (!isSize(size)) {
    throw invalid(
      `decimal() expects a precision from 1 to ${PRECISION_MAX} and a scale from 0 to it, as in decimal({ precision: 12, scale: 2 }); got ${show(size.precision)} and ${show(size.scale)}.`,
    );
  }
  const {
    precision: _,
    scale: __,
    ...base
  } = baseOf('decimal', {
    options,
    known: [...COMMON, 'precision', 'scale', 'min', 'max'],
  });
  const kind = decimalKind(size);
  const { min, max } = base;
  // What is left of the options is what `baseOf` filled in.
  return kept({ ...base, ...boundsOf(kind, { min, max }), kind } as ColumnBase);
}

/**
 * A time of day in ISO 8601, to the minute, the second or a fraction of it: `09:30`, `09:30:15.250`. It has no zone; times
 * compare to the microsecond.
 */
export function time<const O extends TimeOptions>(options?: O): TimeColumn & { kind: 'time' } & Kept<O> {
  return ofTime('time', options);
}

/**
 * A duration in ISO 8601: weeks, or days, hours, minutes and seconds, `PT90M` and `-P1DT2H`. A day has 24 hours. Years and
 * months have no fixed length and are refused. Durations compare to the microsecond: `PT60M` equals `PT1H`.
 */
export function duration<const O extends TimeOptions>(options?: O): TimeColumn & { kind: 'duration' } & Kept<O> {
  return ofTime('duration', options);
}

/**
 * A list: JSON in a cell of CSV, an array in JSON and Parquet. Each item is a value of the column that it is a list of, which says
 * what it may hold: `list(number({ min: 0 }), { lengthMin: 1 })`.
 */
export function list<const O extends ListOptions>(of: Column, options?: O): ListColumn & Kept<O> {
  assertNested('list', of);
  const base = baseOf('list', { options, known: [...COMMON, 'lengthMin', 'lengthMax'] });
  assertLengths('list', base);
  return kept({ ...base, kind: 'list' as const, of });
}

/**
 * An object with fields: JSON in a cell of CSV, an object in JSON and Parquet. A field may be lacking where its column is
 * `nullable`: `struct({ lat: number({ min: -90, max: 90 }), note: text({ nullable: true }) })`. Other fields are allowed.
 */
export function struct<const O extends ColumnOptions>(
  fields: { readonly [name: string]: Column },
  options?: O,
): StructColumn & Kept<O> {
  const base = baseOf('struct', { options, known: COMMON });
  const named = typeof fields === 'object' && fields !== null ? Object.entries(fields) : [];
  if (named.length === 0)
    throw invalid('struct() expects at least one field, as in struct({ lat: number() }); got none.');
  for (const [name, column] of named) assertNested(`struct({ ${name} })`, column);
  return kept({ ...base, kind: 'struct' as const, fields: Object.freeze({ ...fields }) });
}

/** What holds of a whole file is asked of no part of a cell. */
function assertNested(of: string, column: Column | undefined): void {
  if (typeof column?.kind !== 'string') {
    throw invalid(`${of} expects a column such as number() for what is in it; got ${show(column)}.`);
  }
  const odd = (['unique', 'alwaysNull', 'optional', 'coerce', 'environments'] as const).find(
    (option) => column[option],
  );
  if (odd !== undefined)
    throw invalid(`${of} cannot have ${odd} within a cell. Remove it, or give it to the whole column.`);
}

/** An ISO 8601 day, for example `2026-03-01`. */
export function date<const O extends ColumnOptions>(options?: O): PlainColumn & { kind: 'date' } & Kept<O> {
  return plain('date', options);
}

/** One of the named categories, in exactly this spelling. */
export function category<const C extends readonly string[], const O extends ColumnOptions>(
  categories: C,
  options?: O,
): CategoryColumn & { readonly categories: C } & Kept<O> {
  const base = baseOf('category', { options, known: COMMON });
  if (!Array.isArray(categories) || categories.length === 0) {
    throw invalid(`category() expects at least one category, as in category(['a', 'b']); got ${show(categories)}.`);
  }
  const odd = categories.find((name) => typeof name !== 'string' || name === '');
  if (odd !== undefined) {
    throw invalid(`category() expects texts that are not empty; got ${show(odd)}. Use nullable for "no value".`);
  }
  const repeated = categories.find((name, index) => categories.indexOf(name) !== index);
  if (repeated !== undefined) throw invalid(`category() names ${show(repeated)} twice. Remove one.`);
  return kept({ ...base, kind: 'category' as const, categories: Object.freeze([...categories]) });
}

/** Any text. */
export function text<const O extends TextOptions>(options?: O): TextColumn & Kept<O> {
  const base = baseOf('text', { options, known: [...COMMON, 'pattern', 'lengthMin', 'lengthMax', 'generated'] });
  const { pattern } = base;
  if (pattern !== undefined) assertPattern(pattern, { of: 'text({ pattern })', code: 'contract_invalid' });
  if (base.generated === true && (base.role !== 'id' || base.alwaysNull === true))
    throw invalid(
      `text({ generated: true }) is for an id; got role ${show(base.role)}. Add role: 'id', or leave it out.`,
    );
  assertLengths('text', base);
  return kept({ ...base, kind: 'text' as const });
}

function assertLengths(kind: 'text' | 'list', { lengthMin, lengthMax }: ListOptions): void {
  const counted = kind === 'text' ? 'characters' : 'items';
  for (const [name, length] of Object.entries({ lengthMin, lengthMax })) {
    if (length !== undefined && !(Number.isSafeInteger(length) && length >= 0)) {
      throw invalid(`${kind}({ ${name} }) expects a whole number of ${counted}, 0 or more; got ${show(length)}.`);
    }
  }
  assertOrdered(kind, { min: lengthMin, max: lengthMax, names: ['lengthMin', 'lengthMax'] });
}

function numeric<Kind extends 'number' | 'integer', O extends NumberOptions>(
  kind: Kind,
  options: O | undefined,
): NumberColumn & { kind: Kind } & Kept<O> {
  const base = baseOf(kind, { options, known: [...COMMON, 'min', 'max', 'decimals'] });
  for (const bound of ['min', 'max'] as const) {
    const value = base[bound];
    if (value !== undefined && !Number.isFinite(value)) {
      throw invalid(`${kind}({ ${bound} }) expects a finite number; got ${show(value)}. Leave it out for no bound.`);
    }
  }
  const { decimals } = base;
  if (decimals !== undefined && !(Number.isInteger(decimals) && decimals >= 0 && decimals <= DECIMALS_MAX)) {
    throw invalid(
      `${kind}({ decimals }) expects a whole number of digits, 0 to ${DECIMALS_MAX}; got ${show(decimals)}.`,
    );
  }
  assertOrdered(kind, { min: base.min, max: base.max, names: ['min', 'max'] });
  return kept({ ...base, kind });
}

function ofTime<Kind extends TimeColumn['kind'], O extends TimeOptions>(
  kind: Kind,
  options: O | undefined,
): TimeColumn & { kind: Kind } & Kept<O> {
  const base = baseOf(kind, { options, known: [...COMMON, 'min', 'max'] });
  return kept({ ...base, ...boundsOf(kind, { min: base.min, max: base.max }), kind });
}

interface GivenBounds {
  readonly min: number | string | undefined;
  readonly max: number | string | undefined;
}

/** Bounds in the one spelling of their kind. */
function boundsOf(kind: ColumnKind, given: GivenBounds): { readonly min?: string; readonly max?: string } {
  const read = Object.entries(given).flatMap(([name, bound]) => {
    if (bound === undefined) return [];
    const value = maybeValue(kind, typeof bound === 'number' ? (maybeWritten(bound) ?? '') : bound);
    if (value !== undefined) return [[name, String(value)] as const];
    throw invalid(`${kind} expects for ${name} a value that a cell can hold; got ${show(bound)}.`);
  });
  const bounds: { readonly min?: string; readonly max?: string } = Object.fromEntries(read);
  const [least, most] = [bounds.min, bounds.max].map((bound) =>
    bound === undefined ? bound : maybeConstant(kind, bound),
  );
  if (least !== undefined && most !== undefined && isBefore(most, least))
    throw invalid(`${kind} expects min ≤ max; got min ${bounds.min} and max ${bounds.max}.`);
  return bounds;
}

function plain<Kind extends PlainColumn['kind'], O extends ColumnOptions>(
  kind: Kind,
  options: O | undefined,
): PlainColumn & { kind: Kind } & Kept<O> {
  return kept({ ...baseOf(kind, { options, known: COMMON }), kind });
}

/** Options checked by name and kind, with defaults filled in. */
function baseOf<O extends ColumnOptions>(
  kind: string,
  { options, known }: { options: O | undefined; known: readonly string[] },
): O & ColumnBase {
  const given: ColumnOptions = options ?? {};
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) {
      throw invalid(`${kind}() does not know the option ${show(name)}. It knows: ${known.join(', ')}.`);
    }
  }
  if (given.role !== undefined && !ROLES.includes(given.role)) {
    throw invalid(`${kind}({ role }) expects one of ${ROLES.join(', ')}; got ${show(given.role)}.`);
  }
  if (given.severity !== undefined && given.severity !== 'warn' && given.severity !== 'fail') {
    throw invalid(`${kind}({ severity }) expects 'warn' or 'fail'; got ${show(given.severity)}.`);
  }
  if (given.header !== undefined && typeof given.header !== 'string') {
    throw invalid(`${kind}({ header }) expects what the first line of a file says; got ${show(given.header)}.`);
  }
  if (given.sensitive !== undefined && typeof given.sensitive !== 'boolean') {
    throw invalid(`${kind}({ sensitive }) expects true or false; got ${show(given.sensitive)}.`);
  }
  if (given.environments !== undefined && !isListOfNames(given.environments)) {
    throw invalid(`${kind}({ environments }) expects names of environments; got ${show(given.environments)}.`);
  }
  if (given.optional !== undefined && typeof given.optional !== 'boolean') {
    throw invalid(`${kind}({ optional }) expects true or false; got ${show(given.optional)}.`);
  }
  if (given.optional === true && given.role === 'id') {
    throw invalid(
      `${kind}({ role: 'id' }) cannot be optional, as it names the rows. Remove one, or let ids be generated.`,
    );
  }
  assertCoercions(kind, given);
  const nullable = given.nullable ?? given.alwaysNull ?? false;
  if (given.alwaysNull === true && !nullable) {
    throw invalid(`${kind}({ alwaysNull: true }) cannot also be nullable: false. Remove one.`);
  }
  const coerce = COERCIONS.filter((coercion) => given.coerce?.includes(coercion));
  const filled = {
    ...{ role: 'feature', unique: false, severity: 'fail', ...withoutUndefined(given), nullable },
    ...(coerce.length === 0 ? {} : { coerce: Object.freeze(coerce) }),
  };
  // The defaults above are exactly the required fields of ColumnBase; everything else is given by the caller.
  return filled as unknown as O & ColumnBase;
}

/** What the cells of a kind can be changed by, and only what is asked for once. */
function assertCoercions(kind: string, { coerce, ...given }: ColumnOptions): void {
  if (coerce === undefined) return;
  const known = coercionsOf(kind === 'decimal' ? 'decimal(1,0)' : (kind as ColumnKind));
  const isList = Array.isArray(coerce) && coerce.every((coercion) => known.includes(coercion));
  if (!isList || new Set(coerce).size < coerce.length) {
    throw invalid(`${kind}({ coerce }) expects some of ${known.join(', ')}, each once; got ${show(coerce)}.`);
  }
  const isBounded = ['min', 'max'].some((bound) => (given as Readonly<Record<string, unknown>>)[bound] !== undefined);
  if (coerce.includes('clip') && !isBounded)
    throw invalid(`${kind}({ coerce: ['clip'] }) expects min, max or both, to which values are clipped; got neither.`);
}

function assertOrdered(
  kind: string,
  bounds: { min: number | undefined; max: number | undefined; names: readonly [string, string] },
): void {
  const { min, max, names } = bounds;
  if (min === undefined || max === undefined || min <= max) return;
  throw invalid(`${kind}() expects ${names[0]} ≤ ${names[1]}; got ${names[0]} ${min} and ${names[1]} ${max}.`);
}

function isListOfNames(names: unknown): boolean {
  return Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string');
}

function withoutUndefined(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function kept<C>(column: ColumnBase): C {
  // The function has just built the kind it returns; the rest of C repeats the options as literal types.
  return Object.freeze(column) as C;
}

function invalid(message: string): ContractError {
  return new ContractError('contract_invalid', message);
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
