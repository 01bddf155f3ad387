import type { FastifyError, FastifyRequest } from 'fastify';
import { maybeNearestName } from '#ml';
import { knownFields } from './known-fields.ts';

const SENTENCES_MAX = 10;
const SHOWN_CHARACTERS_MAX = 80;
/** Fields whose values are secrets, so that they stand in no answer. */
const SECRET_FIELD = /password|secret|token|apikey/i;

/** A problem found by a schema; `params` holds zod's details, by the kind of the problem. */
interface Problem {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message?: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Describes for each invalid part of a request what was expected and what was given. */
export function validationMessage(error: FastifyError, request: FastifyRequest): string {
  const { validation = [], validationContext = 'request' } = error;
  const place = validationContext === 'querystring' ? 'query' : validationContext;
  const given = { query: request.query, params: request.params, headers: request.headers, body: request.body };
  const root = Object.hasOwn(given, place) ? given[place as keyof typeof given] : undefined;
  const schema = schemaOf(request, validationContext);
  const sentences = validation.slice(0, SENTENCES_MAX).map((found) => {
    const problem: Problem = { ...found, params: found.params };
    const path = problem.instancePath.split('/').filter((segment) => segment !== '');
    return `${[place, path.join('.')].filter((part) => part !== '').join(' ')}: expected ${expectedOf(problem)}; got ${gotOf(root, path, problem)}${hintOf(schema, path, problem)}`;
  });
  return `The request is not what this route expects. ${sentences.join('. ')}.`;
}

function schemaOf({ routeOptions }: FastifyRequest, context: string): unknown {
  return new Map<string, unknown>(Object.entries(routeOptions.schema ?? {})).get(context);
}

/** For unknown fields the nearest known ones, or all when none is near. */
function hintOf(schema: unknown, path: readonly string[], { keyword, params }: Problem): string {
  if (keyword !== 'unrecognized_keys' || !Array.isArray(params.keys)) return '';
  const known = knownFields(schema, path);
  if (known.length === 0) return '; none is known here';
  const nearest = params.keys.flatMap((key) => maybeNearestName(String(key), known) ?? []);
  return nearest.length > 0 ? `; the nearest known is ${listed(nearest)}` : `; known are ${known.join(', ')}`;
}

function expectedOf({ keyword, params, message }: Problem): string {
  switch (keyword) {
    case 'invalid_type':
      return params.expected === 'int' ? 'a whole number' : `a value of type ${params.expected}`;
    case 'invalid_value':
      return `one of ${listed(params.values)}`;
    case 'too_small':
      return `${boundary('at least', params.minimum)}${unitOf(params.origin)}`;
    case 'too_big':
      return `${boundary('at most', params.maximum)}${unitOf(params.origin)}`;
    case 'invalid_format':
      return params.format === 'regex' ? (message ?? 'another text') : formatInWords(params.format);
    case 'invalid_union':
      return alternatives(params.errors);
    case 'unrecognized_keys':
      return 'no such field';
    default:
      return message ?? 'another value';
  }
}

const boundary = (word: string, bound: unknown): string => `${word} ${bound}`;

function unitOf(origin: unknown): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}

function formatInWords(format: unknown): string {
  if (format === 'date') return 'a date such as 2026-03-01';
  if (format === 'datetime') return 'a date and time with its zone, such as 2026-03-01T12:00:00Z';
  return `the format ${format}`;
}

/** Each branch of a union has its own reasons; the first one of the branch is used. */
function alternatives(errors: unknown): string {
  const branches = Array.isArray(errors) ? errors : [];
  const words = branches.map((issues: readonly ZodIssue[]) => {
    const [{ code, path: _, message, ...params } = { code: '', path: [], message: 'another value' }] = issues;
    return expectedOf({ keyword: code, instancePath: '', message, params });
  });
  return [...new Set(words)].join(', or ');
}

interface ZodIssue {
  readonly code: string;
  readonly path: readonly unknown[];
  readonly message: string;
}

function gotOf(root: unknown, path: readonly string[], { keyword, params }: Problem): string {
  if (keyword === 'unrecognized_keys') return listed(params.keys);
  let value: unknown = root;
  for (const segment of path) {
    const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, segment);
    // An own property of an object, as just seen.
    value = isThere ? (value as Readonly<Record<string, unknown>>)[segment] : undefined;
  }
  if (value !== undefined && SECRET_FIELD.test(path.at(-1) ?? '')) return 'a value that is not shown';
  return value === undefined ? 'nothing' : shorten(JSON.stringify(value) ?? String(value));
}

function listed(values: unknown): string {
  return shorten((Array.isArray(values) ? values : [values]).map((value) => JSON.stringify(value)).join(', '));
}

function shorten(text: string): string {
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
}
