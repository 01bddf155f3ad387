import { hash } from 'node:crypto';
import { isStorableText } from '#store';
import { EngineError } from './errors.ts';
import type { Json, Params } from './goal.ts';

/**
 * The only place a key is made.
 *
 * Encoding: every value carries its type and every string its length, so no two different values share an encoding.
 *   null z · true t · false f · number n<shortest decimal>; · string s<UTF-16 length>:<text> · array [ … ] · record { name value … }
 * Names of a record are sorted by UTF-16 code unit, -0 is 0, and text is taken as it is: NFC and NFD differ. A record
 * begins with its kind, so a key of one kind never equals a key of another. Any change here makes every result of every
 * project be computed again; `test/engine/key.test.ts` holds literal digests.
 */
export interface KeyParts {
  readonly task: string;
  /** `version:` and the explicit version, or `code:` and the fingerprint. */
  readonly code: string;
  /** Significant params only. */
  readonly params: Params;
  /** Input name to output name to digest. */
  readonly inputs: { readonly [input: string]: { readonly [output: string]: string } };
}

/** Identity of a result before it exists. */
export function makeKey(parts: KeyParts): string {
  const { task, code, params, inputs } = parts;
  return digestOfText(
    `[${text('task')}${text(task)}${text(code)}${encodeCanonical(params)}${encodeCanonical(inputs)}]`,
  );
}

/** Identity of a goal, known before any of its inputs, because it ignores code and inputs. */
export function makeGoalId(task: string, significantParams: Params): string {
  return digestOfText(`[${text('goal')}${text(task)}${encodeCanonical(significantParams)}]`);
}

/** What represents rows in the keys of the goals that read them: rows are equal when the key that wrote them is. */
export function makeRowsDigest(rows: {
  readonly key: string;
  readonly output: string;
  readonly rowCount: number;
}): string {
  return digestOfText(`[${text('rows')}${text(rows.key)}${text(rows.output)}${encodeCanonical(rows.rowCount)}]`);
}

/** The fingerprint of a task's code: the normal form of its bundle and the locked packages it reaches. */
export function makeFingerprint(normalForm: string, packages: readonly string[]): string {
  return digestOfText(`[${text('code')}${text(normalForm)}${encodeCanonical(packages)}]`);
}

/** SHA-256 in lower-case hex. */
export function digestOf(bytes: Uint8Array | string): string {
  return hash('sha256', bytes, 'hex');
}

const digestOfText = (encoded: string): string => hash('sha256', encoded, 'hex');
const text = (value: string): string => `s${value.length}:${value}`;

/** The params that enter key and identity. */
export function significantParams(params: Params, insignificant: readonly string[]): Params {
  if (insignificant.length === 0) return params;
  return Object.fromEntries(Object.entries(params).filter(([name]) => !insignificant.includes(name)));
}

/** The canonical typed encoding; refuses what JSON cannot represent exactly. */
export function encodeCanonical(value: unknown, path = 'value'): string {
  try {
    return encode(value);
  } catch {
    // Encodes once more and tracks the path for the message; tracking always would cost a third of the time.
    return encode(value, [path]);
  }
}

/** `trail`: where the encoding is, for the error. */
function encode(value: unknown, trail?: string[]): string {
  switch (typeof value) {
    case 'string':
      assertStorable(value, trail);
      return text(value);
    case 'number':
      if (!Number.isFinite(value)) throw refused(trail, String(value), 'a finite number, or null');
      return `n${value === 0 ? 0 : value};`;
    case 'boolean':
      return value ? 't' : 'f';
    case 'object':
      if (value === null) return 'z';
      return Array.isArray(value) ? encodeArray(value, trail) : encodeRecord(value, trail);
    case 'undefined':
      throw refused(trail, 'undefined', 'null, or leave the field out');
    case 'bigint':
      throw refused(trail, `the BigInt ${value}`, 'a number, or a string when it is beyond 2^53');
    default:
      throw refused(trail, `a ${typeof value}`, 'a JSON value');
  }
}

function encodeArray(value: readonly unknown[], trail?: string[]): string {
  let encoded = '[';
  for (let index = 0; index < value.length; index++) {
    trail?.push(`[${index}]`);
    encoded += encode(value[index], trail);
    trail?.pop();
  }
  return `${encoded}]`;
}

function encodeRecord(value: object, trail?: string[]): string {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    const name = value.constructor?.name ?? 'an object of unknown class';
    const advice =
      value instanceof Date ? 'an ISO string (date.toISOString())' : 'a plain object, an array or a string';
    throw refused(trail, `a ${name}`, advice);
  }
  const names = Object.keys(value);
  // By UTF-16 code unit, which is the default of `sort`.
  if (names.length > 1) names.sort();
  let encoded = '{';
  for (const name of names) {
    trail?.push('.', name);
    assertStorable(name, trail);
    // The names are its own.
    encoded += text(name) + encode((value as Readonly<Record<string, unknown>>)[name], trail);
    trail?.splice(-2);
  }
  return `${encoded}}`;
}

// Lone surrogates all become U+FFFD in UTF-8, so two strings would share a key.
function assertStorable(value: string, trail?: readonly string[]): void {
  if (isStorableText(value)) return;
  const came = value.includes('\0') ? 'a string with the character U+0000' : 'a string with half a surrogate pair';
  throw refused(trail, came, 'well-formed Unicode text');
}

function refused(trail: readonly string[] | undefined, came: string, advice: string): EngineError {
  return new EngineError(
    'params_invalid',
    `${trail?.join('')} must be JSON data that is equal wherever it is read; got ${came}. Use ${advice}.`,
  );
}

/** One reason why two keys differ. */
export interface KeyDifference {
  readonly part: 'task' | 'code' | 'param' | 'input';
  readonly name: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** Why two keys differ; empty when they are equal. */
export function explainKeys(before: KeyParts, after: KeyParts): readonly KeyDifference[] {
  const differences: KeyDifference[] = [];
  if (before.task !== after.task)
    differences.push({ part: 'task', name: 'task', before: before.task, after: after.task });
  if (before.code !== after.code)
    differences.push({ part: 'code', name: 'code', before: before.code, after: after.code });
  compareFields('param', { before: before.params, after: after.params }, differences);
  compareFields('input', { before: flatten(before.inputs), after: flatten(after.inputs) }, differences);
  return differences;
}

function compareFields(
  part: 'param' | 'input',
  sides: { readonly before: Params; readonly after: Params },
  differences: KeyDifference[],
): void {
  const names = new Set([...Object.keys(sides.before), ...Object.keys(sides.after)]);
  for (const name of [...names].sort()) {
    const [before, after] = [sides.before, sides.after].map((params) => maybeParam(params, name));
    const isEqual = before !== undefined && after !== undefined && encodeCanonical(before) === encodeCanonical(after);
    if (!isEqual) differences.push({ part, name, before, after });
  }
}

/** A param by its own name, which may be one that every object inherits. */
export function maybeParam(params: Params, name: string): Json | undefined {
  return Object.hasOwn(params, name) ? params[name] : undefined;
}

function flatten(inputs: KeyParts['inputs']): Params {
  const flat: Record<string, Json> = {};
  for (const [input, outputs] of Object.entries(inputs))
    for (const [output, digest] of Object.entries(outputs)) flat[`${input}.${output}`] = digest;
  return flat;
}
