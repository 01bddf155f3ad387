import type { CellValue, ColumnKind } from '../cell.ts';
import { maybeValue } from '../kinds/cell-value.ts';
import { type Comparable, comparableOf, familyOf, maybeConstant } from '../kinds/comparable.ts';
import { isDecimal, PRECISION_MAX, scaledOf } from '../kinds/decimal.ts';
import { microsecondsOf } from '../kinds/moments.ts';
import { hasTextBounds } from '../kinds/text-bounds.ts';
import { maybePattern } from '../patterns/compile-pattern.ts';
import { hasDigits, isMultiple } from './decimal-digits.ts';
import { FORMS } from './forms.ts';
import { compileJsonSchema } from './json-schema.ts';
import { nestedTest } from './nested-test.ts';
import type { CellTest, NumberRange } from './rule.ts';

/** Whether a cell meets a test, by its text and its value; both are null where there is none. */
export type IsMet = (text: string | null, value: CellValue | null) => boolean;

type TestOf<Name extends CellTest['test']> = Extract<CellTest, { readonly test: Name }>;

/**
 * A test of cells of a column of the kind; undefined where only a database can decide it: a comparison of
 * values that are not of one kind. So is a pattern that only a database might know; makers refuse it.
 */
export function maybeCellTest(test: CellTest, kind: ColumnKind): IsMet | undefined {
  switch (test.test) {
    case 'present':
      return (text) => text !== null;
    case 'absent':
      return (text) => text === null;
    case 'kind':
      return (text) => text === null || maybeValue(test.kind, text) !== undefined;
    case 'range':
      if (isDecimal(kind)) return decimalTest(test, kind);
      return familyOf(kind) === 'numbers' ? ofValue(isWithin(test)) : undefined;
    case 'between':
      return betweenTest(test, kind);
    case 'moments':
      return familyOf(kind) === 'moments' ? momentTest(test, kind) : undefined;
    case 'length':
      return lengthTest(test);
    case 'set':
      return setTest(test, kind);
    case 'pattern':
      return patternTest(test.isNegated === true ? { without: test.pattern } : { whole: test.pattern });
    case 'affix':
      return ofText((text) => text.startsWith(test.prefix ?? '') && text.endsWith(test.suffix ?? ''));
    case 'multiple':
      return familyOf(kind) === 'numbers' ? ofValue((value) => isMultiple(Number(value), test.step)) : undefined;
    case 'digits':
      return familyOf(kind) === 'numbers' ? ofValue((value) => hasDigits(Number(value), test)) : undefined;
    case 'form':
      return patternTest(FORMS[test.form]);
    case 'json':
      return ofText(isJson);
    case 'nested': {
      const isNested = nestedTest(test.of, maybeCellTest);
      // What is no JSON violates the kind alone.
      return ofText((text) => maybeValue(test.of.kind, text) === undefined || isNested(JSON.parse(text)));
    }
    case 'json-schema':
      return ofText(compileJsonSchema(test.schema));
    default:
      return test satisfies never;
  }
}

function ofText(isMet: (text: string) => boolean): IsMet {
  return (text) => text === null || isMet(text);
}

function ofValue(isMet: (value: CellValue) => boolean): IsMet {
  return (_, value) => value === null || isMet(value);
}

interface Range<Bound> extends Pick<NumberRange, 'excludesMin' | 'excludesMax'> {
  readonly min?: Bound;
  readonly max?: Bound;
}

function isWithin<Bound extends Comparable>({ min, max, excludesMin, excludesMax }: Range<Bound>) {
  return (value: Comparable): boolean => {
    if (min !== undefined && (excludesMin ? value <= min : value < min)) return false;
    return max === undefined || !(excludesMax ? value >= max : value > max);
  };
}

function momentTest({ min, max, ...excluded }: TestOf<'moments'>, kind: ColumnKind): IsMet {
  const isBetween = isWithin({
    ...(min === undefined ? {} : { min: microsecondsOf(min) }),
    ...(max === undefined ? {} : { max: microsecondsOf(max) }),
    ...excluded,
  });
  return ofValue((value) => isBetween(comparableOf(value, kind)));
}

function decimalTest({ min, max, ...excluded }: TestOf<'range'>, kind: ColumnKind): IsMet {
  const isBetween = isWithin({
    ...(min === undefined ? {} : { min: scaledOf(String(min), PRECISION_MAX) }),
    ...(max === undefined ? {} : { max: scaledOf(String(max), PRECISION_MAX) }),
    ...excluded,
  });
  return ofValue((value) => isBetween(comparableOf(value, kind)));
}

/** Undefined where a bound is none of the kind, or the kind has no order of its own. */
function betweenTest({ min, max, ...excluded }: TestOf<'between'>, kind: ColumnKind): IsMet | undefined {
  if (!hasTextBounds(kind)) return undefined;
  const [least, most] = [min, max].map((bound) => (bound === undefined ? undefined : maybeConstant(kind, bound)));
  if ((min !== undefined && least === undefined) || (max !== undefined && most === undefined)) return undefined;
  const isBetween = isWithin({
    ...(least === undefined ? {} : { min: least }),
    ...(most === undefined ? {} : { max: most }),
    ...excluded,
  });
  return ofValue((value) => isBetween(comparableOf(value, kind)));
}

function lengthTest(test: TestOf<'length'>): IsMet {
  const isBetween = isWithin(test);
  return ofText((text) => isBetween(codePointsOf(text)));
}

function codePointsOf(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

function setTest({ values, isNegated = false }: TestOf<'set'>, kind: ColumnKind): IsMet {
  const named = values.map((value) => ({ value, constant: maybeConstant(kind, value) }));
  const constants = new Set(named.flatMap(({ constant }) => (constant === undefined ? [] : [constant])));
  if (!isNegated) return ofValue((value) => constants.has(comparableOf(value, kind)));
  // What no cell of the kind can hold may still stand in the file.
  const others = new Set(named.flatMap(({ value, constant }) => (constant === undefined ? [String(value)] : [])));
  return (text, value) =>
    !(value !== null && constants.has(comparableOf(value, kind))) && !(text !== null && others.has(text));
}

function patternTest({ whole, without }: { readonly whole?: string; readonly without?: string }): IsMet | undefined {
  const matcher = whole === undefined ? ALWAYS : maybePattern(whole);
  const finder = without === undefined ? NEVER : maybePattern(without, 'part');
  if (matcher === undefined || finder === undefined) return undefined;
  return ofText((text) => matcher.matches(text) && !finder.matches(text));
}

const ALWAYS = { matches: () => true };
const NEVER = { matches: () => false };

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
