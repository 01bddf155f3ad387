import { APPLICATORS, type Applying, READ_BY_OTHERS, toStep, tried, UNEVALUATED } from './json-applicators.ts';
import { fault, PLAIN_KEYWORDS } from './json-keywords.ts';
import {
  isObject,
  type Json,
  type JsonCellSchema,
  JsonRun,
  type JsonTest,
  nothingSeen,
  SchemaFault,
  TooMuchError,
} from './json-tests.ts';

/*
 * JSON Schema 2020-12 (https://json-schema.org/draft/2020-12) as tests of texts. It differs from the standard in what it
 * refuses: keywords that it does not know, so that none is misspelt; formats that are not tested; references to other
 * documents; and patterns that take more than linear time. `$dynamicRef` is one it does not know.
 */

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
/** Keywords that say nothing of values. */
const NOTES = new Set([
  ...['$schema', '$id', '$comment', '$defs', '$anchor', 'title', 'description', 'default', 'examples', 'deprecated'],
  ...['readOnly', 'writeOnly', 'contentEncoding', 'contentMediaType', 'contentSchema'],
]);

/** Of a text, for each of its characters, and beside. */
const STEPS_PER_CHARACTER = 1_000;
const STEPS_FREE = 10_000;

/**
 * Whether a text is JSON as the schema says. A text that takes more steps than 1,000 for each of its characters, or is nested
 * deeper than 200 references go, is not.
 *
 * @throws SchemaFault for a schema that cannot be used.
 */
export function compileJsonSchema(schema: JsonCellSchema): (text: string) => boolean {
  const isMet = new SchemaCompiler(schema).compile();
  return (text) => {
    const value = maybeParsed(text);
    if (value === undefined) return false;
    try {
      return isMet(value, new JsonRun(STEPS_FREE + STEPS_PER_CHARACTER * text.length), undefined);
    } catch (error) {
      // A schema of many levels may fill the stack before its references are too deep.
      if (error instanceof TooMuchError || error instanceof RangeError) return false;
      throw error;
    }
  };
}

function maybeParsed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

class SchemaCompiler {
  readonly #root: Json;
  /** By the place of a schema. */
  readonly #tests = new Map<string, { test: JsonTest | undefined }>();
  readonly #anchors: ReadonlyMap<string, string>;
  /** By the place of a schema, those that are asked of the same value. */
  readonly #same = new Map<string, string[]>();

  constructor(schema: Json) {
    this.#root = schema;
    this.#anchors = new Map(anchorsIn(schema, '#'));
  }

  compile(): JsonTest {
    const test = this.#compileAt('#', this.#root);
    for (const place of this.#same.keys()) this.#assertEnds(place, []);
    return test;
  }

  /** A schema that refers to itself, without going on to a part of the value, would never end. */
  #assertEnds(place: string, above: readonly string[]): void {
    if (above.includes(place)) {
      throw new SchemaFault(
        `${place} refers to itself, and not to a part of the value. Refer to it from a property or an item.`,
      );
    }
    const own = this.#same.get(place) ?? [];
    for (const other of own) this.#assertEnds(other, [...above, place]);
    this.#same.set(place, []);
  }

  #compileAt(at: string, schema: Json): JsonTest {
    const known = this.#tests.get(at);
    // One that is being compiled is there when it is asked.
    if (known !== undefined) return (value, run, seen) => (known.test as JsonTest)(value, run, seen);
    const place: { test: JsonTest | undefined } = { test: undefined };
    this.#tests.set(at, place);
    place.test = this.#testOf(schema, at);
    return place.test;
  }

  #testOf(schema: Json, at: string): JsonTest {
    if (typeof schema === 'boolean') return () => schema;
    if (!isObject(schema)) throw fault(at, 'a schema, which is an object, true or false', schema);
    this.#assertKnown(schema, at);
    const plain = Object.keys(PLAIN_KEYWORDS).flatMap((keyword) => {
      const given = schema[keyword];
      return given === undefined ? [] : (PLAIN_KEYWORDS[keyword]?.(given, `${at}/${keyword}`) ?? []);
    });
    const applied = [
      ...this.#applied(schema, at),
      ...(schema.$ref === undefined ? [] : [this.#reference(schema.$ref, at)]),
    ];
    const last = this.#appliedOf(UNEVALUATED, schema, at);
    const tests = [...plain, ...applied];
    return (value, run, seen) => {
      run.step();
      // What was seen of a value is needed by this schema, or by one around it.
      const noted = seen ?? (last.length === 0 ? undefined : nothingSeen());
      return tests.every((test) => test(value, run, noted)) && last.every((test) => test(value, run, noted));
    };
  }

  #assertKnown(schema: { readonly [keyword: string]: Json }, at: string): void {
    for (const keyword of Object.keys(schema)) {
      const isKnown =
        NOTES.has(keyword) ||
        keyword === '$ref' ||
        READ_BY_OTHERS.includes(keyword) ||
        [PLAIN_KEYWORDS, APPLICATORS, UNEVALUATED].some((keywords) => Object.hasOwn(keywords, keyword));
      if (!isKnown)
        throw new SchemaFault(
          `${at} has ${JSON.stringify(keyword)}, which is no keyword that is tested. Correct or remove it.`,
        );
    }
    const { $schema: dialect = DIALECT, $id: id } = schema;
    if (dialect !== DIALECT) throw fault(`${at}/$schema`, DIALECT, dialect);
    if (id !== undefined && at !== '#') throw fault(`${at}/$id`, 'an address of the whole schema alone', id);
  }

  #applied(schema: { readonly [keyword: string]: Json }, at: string): readonly JsonTest[] {
    return this.#appliedOf(APPLICATORS, schema, at);
  }

  #appliedOf(
    keywords: typeof APPLICATORS,
    schema: { readonly [keyword: string]: Json },
    at: string,
  ): readonly JsonTest[] {
    return Object.entries(keywords).flatMap(([keyword, applicator]) => {
      const given = schema[keyword];
      if (given === undefined) return [];
      const applying: Applying = {
        at: `${at}/${keyword}`,
        schema,
        same: (own, place) => {
          this.#noteSame(at, place);
          return this.#compileAt(place, own);
        },
        part: (own, place) => this.#compileAt(place, own),
      };
      return [applicator(given, applying)];
    });
  }

  #noteSame(at: string, place: string): void {
    const others = this.#same.get(at);
    if (others === undefined) this.#same.set(at, [place]);
    else others.push(place);
  }

  #reference(given: Json, at: string): JsonTest {
    const place = this.#placeOf(given, at);
    this.#noteSame(at, place);
    const test = this.#compileAt(place, this.#schemaAt(place, given));
    return (value, run, seen) => run.within(() => tried(test, value, { run, seen }));
  }

  #placeOf(given: Json, at: string): string {
    const id = isObject(this.#root) && typeof this.#root.$id === 'string' ? this.#root.$id : '';
    const [address = '', encoded = ''] = typeof given === 'string' ? given.split('#', 2) : [];
    const fragment = decoded(encoded);
    if (typeof given !== 'string' || (address !== '' && address !== id)) {
      throw fault(`${at}/$ref`, 'a place in the same schema, such as #/$defs/name', given);
    }
    if (fragment === '') return '#';
    if (fragment.startsWith('/')) return ['#', ...stepsOf(fragment).map(toStep)].join('/');
    const anchored = this.#anchors.get(fragment);
    if (anchored === undefined) throw fault(`${at}/$ref`, 'an $anchor of the schema', given);
    return anchored;
  }

  #schemaAt(place: string, given: Json): Json {
    let found: Json | undefined = this.#root;
    for (const name of stepsOf(place)) {
      const steps: Json | undefined = found;
      found =
        typeof steps === 'object' && steps !== null && Object.hasOwn(steps, name)
          ? (steps as { readonly [step: string]: Json })[name]
          : undefined;
    }
    if (found === undefined) throw fault('$ref', 'a place that the schema has', given);
    return found;
  }
}

/** The steps of a JSON pointer, behind its first slash. */
function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

function* anchorsIn(schema: Json, at: string): Generator<readonly [string, string]> {
  if (typeof schema !== 'object' || schema === null) return;
  if (isObject(schema) && typeof schema.$anchor === 'string') yield [schema.$anchor, at];
  for (const [step, part] of Object.entries(schema)) {
    yield* anchorsIn(part, `${at}/${toStep(step)}`);
  }
}
