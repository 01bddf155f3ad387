import { compilePattern } from '../patterns/compile-pattern.ts';
import { PatternFault } from '../patterns/pattern-fault.ts';
import { isMultiple } from './decimal-digits.ts';
import { JSON_FORMATS } from './json-formats.ts';
import { isList, isObject, type Json, JsonRun, type JsonTest, SchemaFault } from './json-tests.ts';

/** Makes the test of one keyword from what the schema gives it; `at` is where, for messages. */
export type Keyword = (given: Json, at: string) => JsonTest;

export function fault(at: string, expected: string, got: Json): SchemaFault {
  return new SchemaFault(`${at} expects ${expected}; got ${JSON.stringify(got)}.`);
}

const TYPES: Readonly<Record<string, (value: Json) => boolean>> = {
  null: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  integer: (value) => typeof value === 'number' && Number.isInteger(value),
  string: (value) => typeof value === 'string',
  array: isList,
  object: isObject,
};

function type(given: Json, at: string): JsonTest {
  const names = isList(given) ? given : [given];
  const tests = names.map((name) => {
    const test = typeof name === 'string' && Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
    if (test === undefined) throw fault(at, `one of ${Object.keys(TYPES).join(', ')}, or a list of them`, given);
    return test;
  });
  return (value) => tests.some((test) => test(value));
}

/** Texts of a schema's own values need no bound. */
const UNBOUNDED = (): JsonRun => new JsonRun(Number.POSITIVE_INFINITY);

function oneOfValues(given: Json, at: string): JsonTest {
  if (!isList(given)) throw fault(at, 'a list of values', given);
  const texts = new Set(given.map((value) => UNBOUNDED().textOf(value)));
  return (value, run) => texts.has(run.textOf(value));
}

function ofNumbers(isMet: (value: number, bound: number) => boolean): Keyword {
  return (bound, at) => {
    if (typeof bound !== 'number') throw fault(at, 'a number', bound);
    return (value) => typeof value !== 'number' || isMet(value, bound);
  };
}

function multiple(given: Json, at: string): JsonTest {
  if (typeof given !== 'number' || given <= 0) throw fault(at, 'a number above 0', given);
  return (value) => typeof value !== 'number' || isMultiple(value, given);
}

/** A bound on how many there are; undefined of values that have no such count. */
function ofCounts(
  count: (value: Json) => number | undefined,
  isMet: (count: number, bound: number) => boolean,
): Keyword {
  return (bound, at) => {
    if (!isCount(bound)) throw fault(at, 'a whole number from 0', bound);
    return (value) => {
      const found = count(value);
      return found === undefined || isMet(found, bound);
    };
  };
}

export function isCount(given: Json): given is number {
  return typeof given === 'number' && Number.isInteger(given) && given >= 0;
}

function characters(value: Json): number | undefined {
  if (typeof value !== 'string') return undefined;
  let count = 0;
  for (const _ of value) count += 1;
  return count;
}

const items = (value: Json): number | undefined => (isList(value) ? value.length : undefined);
const fields = (value: Json): number | undefined => (isObject(value) ? Object.keys(value).length : undefined);
const isAtLeast = (count: number, bound: number): boolean => count >= bound;
const isAtMost = (count: number, bound: number): boolean => count <= bound;

/** Whether a part of a text matches, in linear time. */
export function partTest(pattern: Json, at: string): (text: string) => boolean {
  if (typeof pattern !== 'string') throw fault(at, 'a regular expression', pattern);
  try {
    return compilePattern(pattern, 'part').matches;
  } catch (cause) {
    if (!(cause instanceof PatternFault)) throw cause;
    throw new SchemaFault(
      `${at} expects a regular expression of RE2; got ${JSON.stringify(pattern)}: ${cause.message}`,
      {
        cause,
      },
    );
  }
}

function pattern(given: Json, at: string): JsonTest {
  const matches = partTest(given, at);
  return (value) => typeof value !== 'string' || matches(value);
}

function format(given: Json, at: string): JsonTest {
  const isFormat = typeof given === 'string' ? JSON_FORMATS.get(given) : undefined;
  if (isFormat === undefined)
    throw fault(at, `a format that is tested, one of ${[...JSON_FORMATS.keys()].join(', ')}`, given);
  return (value) => typeof value !== 'string' || isFormat(value);
}

function uniqueItems(given: Json, at: string): JsonTest {
  if (typeof given !== 'boolean') throw fault(at, 'true or false', given);
  return (value, run) =>
    !given || !isList(value) || new Set(value.map((item) => run.textOf(item))).size === value.length;
}

export function namesIn(given: Json, at: string): readonly string[] {
  if (isList(given) && given.every((name) => typeof name === 'string')) return given;
  throw fault(at, 'a list of names', given);
}

function required(given: Json, at: string): JsonTest {
  const names = namesIn(given, at);
  return (value) => !isObject(value) || names.every((name) => Object.hasOwn(value, name));
}

function dependentRequired(given: Json, at: string): JsonTest {
  if (!isObject(given)) throw fault(at, 'lists of names by name', given);
  const needs = Object.entries(given).map(([name, others]) => [name, namesIn(others, `${at}/${name}`)] as const);
  return (value) =>
    !isObject(value) ||
    needs.every(
      ([name, others]) => !Object.hasOwn(value, name) || others.every((other) => Object.hasOwn(value, other)),
    );
}

/** The keywords that need no other schema. */
export const PLAIN_KEYWORDS: Readonly<Record<string, Keyword>> = {
  type,
  enum: oneOfValues,
  const: (given, at) => oneOfValues([given], at),
  multipleOf: multiple,
  maximum: ofNumbers((value, bound) => value <= bound),
  exclusiveMaximum: ofNumbers((value, bound) => value < bound),
  minimum: ofNumbers((value, bound) => value >= bound),
  exclusiveMinimum: ofNumbers((value, bound) => value > bound),
  maxLength: ofCounts(characters, isAtMost),
  minLength: ofCounts(characters, isAtLeast),
  maxItems: ofCounts(items, isAtMost),
  minItems: ofCounts(items, isAtLeast),
  maxProperties: ofCounts(fields, isAtMost),
  minProperties: ofCounts(fields, isAtLeast),
  pattern,
  format,
  uniqueItems,
  required,
  dependentRequired,
};
