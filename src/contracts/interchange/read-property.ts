import { z } from 'zod';
import { COERCIONS } from '../coercions/coercion.ts';
import {
  boolean,
  type ColumnOptions,
  category,
  DECIMALS_MAX,
  date,
  decimal,
  duration,
  integer,
  number,
  type TimeOptions,
  text,
  time,
  timestamp,
} from '../columns.ts';
import type { CellValue, Column, ColumnKind, DecimalKind, Expectation, PlainKind, Unchecked } from '../contract.ts';
import { inRange } from '../expectations/ranges.ts';
import { lengthBetween } from '../expectations/texts.ts';
import { isDecimal, isDecimalKind, sizeOf } from '../kinds/decimal.ts';
import { maybeNestedColumn } from './nested-column.ts';
import { partsOfCells } from './nested-rules.ts';
import { customOf, type OdcsProperty, ownProperties, READ_ONCE, unknownKeys } from './odcs.ts';
import { asList, inWords, readRule } from './read-rule.ts';
import { amongValues, isIsoFormat, type Limits, meaningOf, type OptionTarget } from './type-options.ts';

/** A property as a column, its further requirements, and which of them are not checked. */
export interface ReadProperty {
  readonly column: Column;
  readonly expectations: readonly Expectation[];
  readonly unchecked: readonly Unchecked[];
  /** The rule of quality that names the column's categories. */
  readonly categoryRule: number | undefined;
}

export interface PropertyPlace {
  readonly path: string;
  /** How many columns the primary key has that it is part of; none when it is no part of one. */
  readonly keySize: number;
}

/**
 * Reads a property. It becomes a column whatever its type; each of its requirements is checked or listed as unchecked.
 */
export function readProperty(property: OdcsProperty, { path, keySize }: PropertyPlace): ReadProperty {
  const own = maybeNestedColumn(customOf(property.customProperties, 'nested'), {});
  const { kind, reason } = own === undefined ? kindOf(property) : { kind: 'text' as const, reason: undefined };
  const unchecked: Unchecked[] = [];
  const note = (at: string, rule: string, why: string): void => {
    unchecked.push({ path: `${path}.${at}`, column: property.name, rule: inWords(rule), reason: why });
  };
  if (reason !== undefined) note('logicalType', typeWords(property), `${reason}; its cells are kept as they are`);
  const options = columnOptions(property, { path, keySize, isFree: reason !== undefined });
  const nested = own && maybeNestedColumn(customOf(property.customProperties, 'nested'), options);
  const categories =
    nested === undefined && kind === 'text' && reason === undefined ? categoriesOf(property) : undefined;
  const target: OptionTarget = {
    column: property.name,
    kind: categories === undefined ? kind : 'category',
    severity: options.severity ?? 'fail',
  };
  const limits: Mutable<Limits> = {};
  const expectations: Expectation[] = [];
  for (const [option, value] of optionsOf(property)) {
    const meaning = reason === undefined ? meaningOf(option, value, target) : 'its cells are kept as they are';
    if (typeof meaning === 'string')
      note(`logicalTypeOptions.${option}`, `${option} ${JSON.stringify(value)}`, meaning);
    else if (isList(meaning)) expectations.push(...meaning);
    else Object.assign(limits, meaning);
  }
  if (property.enum !== undefined && categories?.isEnum !== true) {
    const values = enumValues(property.enum);
    const among = values === undefined ? 'it is no list of values' : amongValues(values, target);
    if (typeof among === 'string') note('enum', `enum ${JSON.stringify(property.enum)}`, among);
    else expectations.push(...among);
  }
  unchecked.push(...uncheckedOf(property, path));
  expectations.push(...takeContradictions(limits, target));
  const isGenerated =
    target.kind === 'text' && options.role === 'id' && customOf(property.customProperties, 'generated') === true;
  const decimals = OWN.shape.decimals.safeParse(customOf(property.customProperties, 'decimals')).data;
  const given = {
    ...{ ...options, ...limits, ...(isGenerated ? { generated: true } : {}) },
    ...(decimals !== undefined && (target.kind === 'number' || target.kind === 'integer') ? { decimals } : {}),
  };
  const column = nested ?? (categories === undefined ? make(kind, given) : category(categories.values, options));
  return { column, expectations, unchecked, categoryRule: categories?.rule };
}

/** What a column cannot express: unknown keys, parts of cells. */
function uncheckedOf(property: OdcsProperty, path: string): readonly Unchecked[] {
  const column = property.name;
  const unknown = unknownKeys(property).map(([key, value]) => ({
    ...{ path: `${path}.${key}`, column },
    rule: inWords(`${key} ${JSON.stringify(value)}`),
    reason: 'the check does not know this key of a property',
  }));
  return [...unknown, ...partsOfCells(property, { path, column })];
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function isList<T>(value: T | readonly Expectation[]): value is readonly Expectation[] {
  return Array.isArray(value);
}

/** Its bounds are those of numbers; decimals, times and durations have texts. */
type Given = Omit<ColumnOptions & Limits, 'min' | 'max'> & {
  readonly min?: number | string;
  readonly max?: number | string;
};

function make(kind: Exclude<ColumnKind, NotPlain>, { min, max, ...given }: Given): Column {
  const texts = { ...(typeof min === 'string' ? { min } : {}), ...(typeof max === 'string' ? { max } : {}) };
  if (isDecimal(kind)) return decimal({ ...given, ...texts, ...sizeOf(kind) });
  if (kind === 'time' || kind === 'duration') return MAKERS[kind]({ ...given, ...texts });
  const numbers = { ...(typeof min === 'number' ? { min } : {}), ...(typeof max === 'number' ? { max } : {}) };
  return MAKERS[kind]({ ...given, ...numbers });
}

/** `category` needs its names, and is made of a text; lists and structs need their parts. */
type NotPlain = 'category' | 'list' | 'struct';

const MAKERS: {
  readonly [Kind in Exclude<PlainKind, NotPlain>]: (
    options: ColumnOptions & (Kind extends 'time' | 'duration' ? TimeOptions : Limits),
  ) => Column;
} = {
  number,
  integer,
  boolean,
  date,
  timestamp,
  text,
  time,
  duration,
};

const KINDS: ReadonlyMap<string, keyof typeof MAKERS> = new Map<string, keyof typeof MAKERS>([
  ['time', 'time'],
  ...Object.entries({
    string: 'text',
    number: 'number',
    integer: 'integer',
    boolean: 'boolean',
    date: 'date',
  } as const),
  ...Object.entries({ timestamp: 'timestamp', datetime: 'timestamp', timestamp_tz: 'timestamp' } as const),
  ...Object.entries({ timestamp_ntz: 'timestamp', timestamptz: 'timestamp', bool: 'boolean' } as const),
  ...Object.entries({
    text: 'text',
    varchar: 'text',
    nvarchar: 'text',
    char: 'text',
    'character varying': 'text',
  } as const),
  ...Object.entries({
    int: 'integer',
    bigint: 'integer',
    smallint: 'integer',
    tinyint: 'integer',
    long: 'integer',
  } as const),
  ...Object.entries({ float: 'number', double: 'number', 'double precision': 'number', real: 'number' } as const),
  ...Object.entries({ decimal: 'number', numeric: 'number' } as const),
]);

interface KindFound {
  readonly kind: Exclude<ColumnKind, NotPlain>;
  /** Why the column does not have the kind that the property requires. */
  readonly reason?: string;
}

/** The kind of a property's column: by its logical type, or else by its physical one. */
function kindOf(property: OdcsProperty): KindFound {
  const { logicalType, physicalType } = property;
  const own = customOf(property.customProperties, 'kind');
  if (own === 'duration') return { kind: own };
  const decimals = maybeDecimals(logicalType, physicalType);
  if (decimals !== undefined) return { kind: decimals };
  const type = logicalType ?? physicalType;
  if (type === undefined) return { kind: 'text' };
  const kind = KINDS.get(type.toLowerCase().split('(', 1).join().trim());
  if (kind === undefined) return { kind: 'text', reason: `the check has no columns of type ${type}` };
  if (kind !== 'date' && kind !== 'timestamp') return { kind };
  const format = new Map(optionsOf(property)).get('format');
  if (typeof format !== 'string' || isIsoFormat(format)) return { kind };
  return { kind: 'text', reason: `the check reads days and moments in ISO 8601 alone, not as ${format}` };
}

/** Numbers of so many digits, as databases write them: `DECIMAL(12, 2)`. */
function maybeDecimals(logicalType: string | undefined, physicalType = logicalType): DecimalKind | undefined {
  if (
    logicalType !== undefined &&
    !['number', 'decimal', 'numeric'].includes(logicalType.toLowerCase().split('(', 1).join())
  )
    return undefined;
  const [, precision, scale] =
    /^(?:decimal|numeric|number)\((\d+),(\d+)\)$/.exec((physicalType ?? '').toLowerCase().replaceAll(' ', '')) ?? [];
  const kind = `decimal(${precision},${scale})`;
  return isDecimalKind(kind) ? kind : undefined;
}

function typeWords({ logicalType, physicalType }: OdcsProperty): string {
  return logicalType === undefined ? `physicalType ${physicalType}` : `logicalType ${logicalType}`;
}

function optionsOf({ logicalTypeOptions: options }: OdcsProperty): readonly (readonly [string, unknown])[] {
  if (options === undefined || options === null) return [];
  // A value that is no object has no options of the standard: it is reported as a whole.
  if (typeof options !== 'object' || Array.isArray(options)) return [['(no object)', options]];
  return Object.entries(options).filter(([, value]) => value !== null && value !== undefined);
}

const OWN = z.strictObject({
  role: z.enum(['id', 'feature', 'label', 'time', 'meta']).optional(),
  severity: z.enum(['warn', 'fail']).optional(),
  unit: z.string().optional(),
  decimals: z.int().min(0).max(DECIMALS_MAX).optional(),
  alwaysNull: z.boolean().optional(),
  optional: z.boolean().optional(),
  environments: z.array(z.string()).min(1).optional(),
  nested: z.unknown().optional(),
  kind: z.union([z.enum(['category', 'duration']), z.string().refine(isDecimalKind)]).optional(),
  coerce: z.array(z.enum(COERCIONS)).optional(),
  min: z.string().optional(),
  max: z.string().optional(),
  header: z.string().optional(),
  generated: z.boolean().optional(),
});

/** Classifications of data that anyone in the organisation may see; any other makes a column sensitive. */
const OPEN_CLASSES: readonly string[] = ['public', 'internal'];

function isConfidential({ classification }: OdcsProperty): boolean {
  return classification !== undefined && !OPEN_CLASSES.includes(classification.trim().toLowerCase());
}

function columnOptions(
  property: OdcsProperty,
  { path, keySize, isFree }: PropertyPlace & { readonly isFree: boolean },
): ColumnOptions {
  const { name, physicalName, businessName, description, required, unique, examples, customProperties } = property;
  const {
    kind: _,
    generated: __,
    decimals: ___,
    nested: ____,
    ...own
  } = ownProperties(customProperties, { known: OWN, path });
  const plain = plainValues.safeParse(examples);
  const role = own.role ?? (keySize > 0 ? 'id' : isFree ? 'meta' : undefined);
  const given = {
    ...own,
    // A file may have either name.
    header: own.header ?? (physicalName === name || physicalName === '' ? undefined : physicalName),
    role,
    unique: unique === true || keySize === 1 ? true : undefined,
    label: businessName,
    sensitive: isConfidential(property) ? true : undefined,
    description,
    examples: plain.data,
  };
  return { nullable: required !== true && keySize === 0, ...withoutUndefined(given) };
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // Only entries without a value are removed, so the others keep their types.
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

interface Categories {
  readonly values: readonly string[];
  readonly isEnum: boolean;
  readonly rule: number | undefined;
}

/** The names that a column of texts is limited to: by its enum, or by a rule that allows no others. */
function categoriesOf(property: OdcsProperty): Categories | undefined {
  const names = namesOf(enumValues(property.enum));
  if (names !== undefined) return { values: names, isEnum: true, rule: undefined };
  const isOwn = customOf(property.customProperties, 'kind') === 'category';
  for (const [index, content] of asList(property.quality).entries()) {
    const { rule } = readRule(content);
    if (typeof rule === 'string' || rule.kind !== 'metric' || rule.metric !== 'invalidValues') continue;
    const { comparison, given, name, severity } = rule;
    const isPlain = comparison.isNone && name === undefined && !given.pattern && (isOwn || severity === 'fail');
    const values = isPlain ? namesOf(given.validValues ?? undefined) : undefined;
    if (values !== undefined) return { values, isEnum: false, rule: index };
  }
  return undefined;
}

function namesOf(values: readonly (CellValue | null)[] | undefined): readonly string[] | undefined {
  const names = new Set((values ?? []).filter((value) => value !== null && value !== '').map(String));
  return names.size === 0 ? undefined : [...names];
}

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const plainValues = z.array(scalar);
const enumeration = z.array(z.union([scalar, z.looseObject({ value: scalar }).transform(({ value }) => value)])).min(1);

function enumValues(value: unknown): readonly CellValue[] | undefined {
  return enumeration.safeParse(value, READ_ONCE).data;
}

/** Contradicting bounds: a column cannot have both, so one of them becomes an expectation. */
function takeContradictions(limits: Mutable<Limits>, { column, severity }: OptionTarget): readonly Expectation[] {
  const { min, max, lengthMin, lengthMax } = limits;
  const expectations: Expectation[] = [];
  if (min !== undefined && max !== undefined && min > max) {
    expectations.push(inRange(column, { max, severity }));
    delete limits.max;
  }
  if (lengthMin !== undefined && lengthMax !== undefined && lengthMin > lengthMax) {
    expectations.push(lengthBetween(column, { max: lengthMax, severity }));
    delete limits.lengthMax;
  }
  return expectations;
}
