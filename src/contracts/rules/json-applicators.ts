import { fault, isCount, partTest } from './json-keywords.ts';
import {
  addSeen,
  isList,
  isObject,
  type Json,
  type JsonRun,
  type JsonTest,
  nothingSeen,
  type Seen,
} from './json-tests.ts';

/** Compiles a schema within a schema. */
export interface Applying {
  /** Where the keyword stands. */
  readonly at: string;
  /** The schema that has it. */
  readonly schema: { readonly [keyword: string]: Json };
  /** Compiles a schema that is asked of the same value. */
  readonly same: (schema: Json, at: string) => JsonTest;
  /** Compiles a schema that is asked of a field, an item or a name. */
  readonly part: (schema: Json, at: string) => JsonTest;
}

/** A name as a step of a JSON pointer (RFC 6901). */
export function toStep(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

type Applicator = (given: Json, applying: Applying) => JsonTest;

function listOf(given: Json, { at, same }: Applying): readonly JsonTest[] {
  if (!isList(given) || given.length === 0) throw fault(at, 'a list of schemas', given);
  return given.map((schema, index) => same(schema, `${at}/${index}`));
}

function namedOf(given: Json, at: string, compile: Applying['part']): readonly (readonly [string, JsonTest])[] {
  if (!isObject(given)) throw fault(at, 'schemas by name', given);
  return Object.entries(given).map(([name, schema]) => [name, compile(schema, `${at}/${toStep(name)}`)] as const);
}

/** What a schema sees counts only where the value is as it says. */
export function tried(
  test: JsonTest,
  value: Json,
  { run, seen }: { readonly run: JsonRun; readonly seen: Seen | undefined },
) {
  if (seen === undefined) return test(value, run, undefined);
  const own = nothingSeen();
  const isMet = test(value, run, own);
  if (isMet) addSeen(seen, own);
  return isMet;
}

function allOf(given: Json, applying: Applying): JsonTest {
  const tests = listOf(given, applying);
  return (value, run, seen) => tests.every((test) => tried(test, value, { run, seen }));
}

function anyOf(given: Json, applying: Applying): JsonTest {
  const tests = listOf(given, applying);
  return (value, run, seen) => {
    if (seen === undefined) return tests.some((test) => test(value, run, undefined));
    // All are asked, because each may see other fields.
    return tests.filter((test) => tried(test, value, { run, seen })).length > 0;
  };
}

function oneOf(given: Json, applying: Applying): JsonTest {
  const tests = listOf(given, applying);
  return (value, run, seen) => tests.filter((test) => tried(test, value, { run, seen })).length === 1;
}

function not(given: Json, { at, same }: Applying): JsonTest {
  const test = same(given, at);
  return (value, run, seen) => !test(value, run, seen && nothingSeen());
}

function condition(given: Json, { at, schema, same }: Applying): JsonTest {
  const test = same(given, at);
  const place = at.slice(0, -'/if'.length);
  const [then, otherwise] = (['then', 'else'] as const).map((name) => {
    const branch = schema[name];
    return branch === undefined ? undefined : same(branch, `${place}/${name}`);
  });
  return (value, run, seen) => {
    const branch = tried(test, value, { run, seen }) ? then : otherwise;
    return branch === undefined || tried(branch, value, { run, seen });
  };
}

function dependentSchemas(given: Json, { at, same }: Applying): JsonTest {
  const tests = namedOf(given, at, same);
  return (value, run, seen) =>
    !isObject(value) || tests.every(([name, test]) => !Object.hasOwn(value, name) || tried(test, value, { run, seen }));
}

function properties(given: Json, { at, part }: Applying): JsonTest {
  const tests = namedOf(given, at, part);
  return (value, run, seen) =>
    !isObject(value) ||
    tests.every(([name, test]) => {
      if (!Object.hasOwn(value, name)) return true;
      seen?.fields.add(name);
      return test(value[name] as Json, run, undefined);
    });
}

function patternProperties(given: Json, { at, part }: Applying): JsonTest {
  const tests = namedOf(given, at, part).map(([pattern, test]) => ({ matches: partTest(pattern, at), test }));
  return (value, run, seen) =>
    !isObject(value) ||
    Object.entries(value).every(([name, field]) =>
      tests.every(({ matches, test }) => {
        run.step();
        if (!matches(name)) return true;
        seen?.fields.add(name);
        return test(field, run, undefined);
      }),
    );
}

function additionalProperties(given: Json, { at, schema, part }: Applying): JsonTest {
  const test = part(given, at);
  const named = isObject(schema.properties) ? new Set(Object.keys(schema.properties)) : new Set<string>();
  const patterns = isObject(schema.patternProperties)
    ? Object.keys(schema.patternProperties).map((pattern) => partTest(pattern, at))
    : [];
  return (value, run, seen) =>
    !isObject(value) ||
    Object.entries(value).every(([name, field]) => {
      if (named.has(name) || patterns.some((matches) => matches(name))) return true;
      seen?.fields.add(name);
      return test(field, run, undefined);
    });
}

function propertyNames(given: Json, { at, part }: Applying): JsonTest {
  const test = part(given, at);
  return (value, run) => !isObject(value) || Object.keys(value).every((name) => test(name, run, undefined));
}

function prefixItems(given: Json, { at, part }: Applying): JsonTest {
  if (!isList(given) || given.length === 0) throw fault(at, 'a list of schemas', given);
  const tests = given.map((schema, index) => part(schema, `${at}/${index}`));
  return (value, run, seen) =>
    !isList(value) ||
    tests.every((test, index) => {
      if (index >= value.length) return true;
      seen?.items.add(index);
      return test(value[index] as Json, run, undefined);
    });
}

function items(given: Json, { at, schema, part }: Applying): JsonTest {
  if (isList(given)) throw fault(at, 'one schema, for items behind those of prefixItems', given);
  const test = part(given, at);
  const from = schema.prefixItems !== undefined && isList(schema.prefixItems) ? schema.prefixItems.length : 0;
  return (value, run, seen) =>
    !isList(value) ||
    value.every((item, index) => {
      if (index < from) return true;
      seen?.items.add(index);
      return test(item, run, undefined);
    });
}

function contains(given: Json, { at, schema, part }: Applying): JsonTest {
  const test = part(given, at);
  const { minContains: min = 1, maxContains: max = Number.MAX_SAFE_INTEGER } = schema;
  if (!isCount(min) || !isCount(max))
    throw fault(at, 'minContains and maxContains that are whole numbers from 0', [min, max]);
  return (value, run, seen) => {
    if (!isList(value)) return true;
    let found = 0;
    for (const [index, item] of value.entries()) {
      if (!test(item, run, undefined)) continue;
      found += 1;
      seen?.items.add(index);
    }
    return found >= min && found <= max;
  };
}

function unevaluatedProperties(given: Json, { at, part }: Applying): JsonTest {
  const test = part(given, at);
  return (value, run, seen) =>
    !isObject(value) ||
    Object.entries(value).every(([name, field]) => {
      if (seen?.fields.has(name) === true) return true;
      seen?.fields.add(name);
      return test(field, run, undefined);
    });
}

function unevaluatedItems(given: Json, { at, part }: Applying): JsonTest {
  const test = part(given, at);
  return (value, run, seen) =>
    !isList(value) ||
    value.every((item, index) => {
      if (seen?.items.has(index) === true) return true;
      seen?.items.add(index);
      return test(item, run, undefined);
    });
}

/** The keywords that have schemas, in the order in which they are asked. */
export const APPLICATORS: Readonly<Record<string, Applicator>> = {
  properties,
  patternProperties,
  additionalProperties,
  propertyNames,
  prefixItems,
  items,
  contains,
  dependentSchemas,
  allOf,
  anyOf,
  oneOf,
  not,
  if: condition,
};

/** Those that are about what no other keyword has seen, asked last. */
export const UNEVALUATED: Readonly<Record<string, Applicator>> = { unevaluatedProperties, unevaluatedItems };

/** Keywords that others read. */
export const READ_BY_OTHERS: readonly string[] = ['then', 'else', 'minContains', 'maxContains'];
