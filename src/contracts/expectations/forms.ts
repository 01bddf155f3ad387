import type { Expectation } from '../contract.ts';
import { ContractError } from '../errors.ts';
import { FORMS } from '../rules/forms.ts';
import { compileJsonSchema } from '../rules/json-schema.ts';
import { type JsonCellSchema, SchemaFault } from '../rules/json-tests.ts';
import type { FormName } from '../rules/rule.ts';
import { expectationOf, invalid, type RowsOptions } from './expectation-options.ts';

function hasForm(
  column: string,
  options: RowsOptions,
  { maker, form }: { readonly maker: string; readonly form: FormName },
): Expectation {
  return expectationOf(maker, options, {
    category: 'format',
    sentence: `${column} ${FORMS[form].words}`,
    rule: { over: 'cell', column, test: 'form', form },
  });
}

/** Texts have no white space at their ends, and are not made of it alone. */
export function trimmed(column: string, options: RowsOptions = {}): Expectation {
  return hasForm(column, options, { maker: 'trimmed', form: 'trimmed' });
}

/** Texts are UUIDs, of any version. */
export function uuid(column: string, options: RowsOptions = {}): Expectation {
  return hasForm(column, options, { maker: 'uuid', form: 'uuid' });
}

/**
 * Texts have the form of a mail address, as HTML defines it for browsers, in letters of any script and with a domain of
 * at least two names; whether it exists is not checked.
 */
export function email(column: string, options: RowsOptions = {}): Expectation {
  return hasForm(column, options, { maker: 'email', form: 'email' });
}

/** Texts are absolute http or https addresses without credentials; the host is a name in letters of any script, or an IP address. */
export function webAddress(column: string, options: RowsOptions = {}): Expectation {
  return hasForm(column, options, { maker: 'web-address', form: 'web-address' });
}

const VERSIONS = { 4: 'ipv4', 6: 'ipv6' } as const;

/**
 * Texts are IP addresses, of both versions by default: IPv4 in dotted form, IPv6 in any of its spellings without a
 * zone.
 */
export function ipAddress(
  column: string,
  {
    version,
    ...options
  }: RowsOptions & {
    /** The version of the protocol; both are accepted unless set. */
    readonly version?: 4 | 6;
  } = {},
): Expectation {
  if (version !== undefined && !Object.hasOwn(VERSIONS, version))
    throw invalid(`ipAddress('${column}') expects version 4 or 6, or none for both; got ${JSON.stringify(version)}.`);
  return hasForm(column, options, {
    maker: 'ip-address',
    form: version === undefined ? 'ip-address' : VERSIONS[version],
  });
}

/** Texts are times of day in ISO 8601, with or without seconds, their fraction and an offset: `23:59`, `07:30:00.5+02:00`. */
export function timeOfDay(column: string, options: RowsOptions = {}): Expectation {
  return hasForm(column, options, { maker: 'time-of-day', form: 'time-of-day' });
}

/** Texts are durations in ISO 8601: `P1Y2M`, `PT36H`, `P3W`, `PT0.5S`. */
export function isoDuration(column: string, options: RowsOptions = {}): Expectation {
  return hasForm(column, options, { maker: 'iso-duration', form: 'duration' });
}

/** Texts are JSON, to the letter of RFC 8259. */
export function json(column: string, options: RowsOptions = {}): Expectation {
  return expectationOf('json', options, {
    category: 'format',
    sentence: `${column} is JSON`,
    rule: { over: 'cell', column, test: 'json' },
  });
}

/** Longer schemas are cut in sentences. */
const SHOWN_MAX = 60;

/**
 * Texts are JSON as a schema says, in JSON Schema 2020-12. Patterns are those of RE2, found anywhere in a text; `format` is
 * tested. What is not tested is refused: unknown keywords, other formats, references to other documents.
 */
export function matchesJsonSchema(
  column: string,
  {
    schema,
    ...options
  }: RowsOptions & {
    /** The schema: `{ type: 'object', required: ['id'], properties: { id: { type: 'integer' } } }`. */
    readonly schema: JsonCellSchema;
  },
): Expectation {
  const text = JSON.stringify(schema);
  assertSchema(schema, { of: `matchesJsonSchema('${column}')`, text });
  const title = typeof schema === 'object' && typeof schema.title === 'string' ? schema.title : undefined;
  const words = title ?? (text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text);
  return expectationOf('matches-json-schema', options, {
    category: 'format',
    sentence: `${column} is JSON of the schema ${words}`,
    // Plain data, which nobody changes afterwards.
    rule: { over: 'cell', column, test: 'json-schema', schema: JSON.parse(text) },
  });
}

function assertSchema(schema: JsonCellSchema, { of, text }: { readonly of: string; readonly text: string }): void {
  try {
    compileJsonSchema(schema);
  } catch (cause) {
    if (!(cause instanceof SchemaFault)) throw cause;
    throw new ContractError('expectation_invalid', `${of} expects a JSON schema that can be tested: ${cause.message}`, {
      cause,
    });
  }
  if (schema === true || schema === false || text === '{}') {
    throw invalid(`${of} expects a schema that some texts match and others do not; got ${text}. Use json() instead.`);
  }
}
