import { z } from 'zod';
import { configSchema } from './config.ts';

/** One setting of `config/*.yaml`, as people read about it. */
export interface Setting {
  /** Such as `server.port`, or `engine.pools.<pool>` where people choose the key. */
  readonly path: string;
  /** In words, with unit and range: `integer from 0 to 65535`. */
  readonly type: string;
  /** Absent when there is none, or when the setting is required. */
  readonly byDefault?: unknown;
  readonly isRequired: boolean;
  readonly description: string;
  readonly example?: unknown;
  /** The commands that read it; absent when it is every command over a project. */
  readonly readBy?: readonly string[];
}

/** The settings under one key of the top. */
export interface SettingSection {
  readonly name: string;
  readonly description: string;
  readonly settings: readonly Setting[];
}

type Schema = z.core.JSONSchema.BaseSchema;
type Meta = Pick<z.core.GlobalMeta, 'unit' | 'readBy' | 'keyName'>;

/** A place in the schema, with what holds there from above. */
interface Place {
  readonly schema: Schema;
  readonly path: string;
  readonly isRequired: boolean;
  readonly readBy: Meta['readBy'];
}

/** Every setting of the schema, by section. */
export function listSettings(): readonly SettingSection[] {
  return childrenOf({ schema: rootSchema(), path: '', isRequired: false, readBy: undefined }).map((place) => ({
    name: place.path,
    description: place.schema.description ?? '',
    settings: settingsFrom(place),
  }));
}

/** The schema at a path of keys; `undefined` when no setting is there. */
export function maybeSchemaAt(keys: readonly PropertyKey[]): Schema | undefined {
  return keys.reduce<Schema | undefined>((schema, key) => schema && maybeChild(schema, String(key)), rootSchema());
}

/** The keys that a mapping may have, and none where people choose them. */
export function knownKeys(schema: Schema): readonly string[] {
  return [...propertiesOf(schema).keys()];
}

/** What may stand there, in words. */
export function typeOf(schema: Schema): string {
  const { unit } = metaOf(schema);
  if (schema.anyOf !== undefined || schema.oneOf !== undefined) return variantsOf(schema).map(typeOf).join(' or ');
  if (schema.const !== undefined) return schema.const === '' ? 'empty' : `\`${schema.const}\``;
  if (schema.enum !== undefined) return inWords(schema.enum.map((each) => `\`${each}\``));
  switch (schema.type) {
    case 'integer':
    case 'number':
      return [schema.type, ...rangeOf(schema)].join(' ') + (unit === undefined ? '' : `, in ${unit}`);
    case 'boolean':
      return '`true` or `false`';
    case 'array':
      return 'list of strings';
    case 'object':
      return 'mapping';
    default:
      return schema.format === 'uri' ? 'URL' : 'string';
  }
}

const rootSchema = (): Schema => z.toJSONSchema(configSchema, { io: 'input' });

// The schema of the settings is the only one that comes here, and its meta is typed.
const metaOf = (schema: Schema): Meta => schema as Meta;

const variantsOf = (schema: Schema): readonly Schema[] => schema.anyOf ?? schema.oneOf ?? [schema];

function settingsFrom(place: Place): readonly Setting[] {
  const isMapping = variantsOf(place.schema).every(({ type }) => type === 'object');
  return [...(isMapping ? [] : [toSetting(place)]), ...childrenOf(place).flatMap(settingsFrom)];
}

function toSetting({ schema, path, isRequired, readBy }: Place): Setting {
  const [example] = schema.examples ?? [];
  return {
    ...{ path, type: typeOf(schema), isRequired, description: schema.description ?? '' },
    ...(schema.default === undefined ? {} : { byDefault: schema.default }),
    ...(example === undefined ? {} : { example }),
    ...(readBy === undefined ? {} : { readBy }),
  };
}

function childrenOf(place: Place): readonly Place[] {
  const variants = variantsOf(place.schema);
  const named = variants
    .map(({ additionalProperties }) => additionalProperties)
    .find((each) => typeof each === 'object');
  const shown = [...propertiesOf(place.schema)].map(([key, schema]) => [key, withoutRepeated(schema, named)] as const);
  const { keyName = 'name' } = metaOf(
    variants.find(({ additionalProperties }) => additionalProperties === named) ?? {},
  );
  return [...shown, [`<${keyName}>`, named] as const].flatMap(([key, schema]) => {
    if (typeof schema !== 'object') return [];
    const path = place.path === '' ? key : `${place.path}.${key}`;
    const { readBy = place.readBy } = metaOf(schema);
    return [{ schema, path, isRequired: variants.some(({ required }) => required?.includes(key)), readBy }];
  });
}

/** What may stand under each key; under one that several variants have, what any of them takes. */
function propertiesOf(schema: Schema): ReadonlyMap<string, Schema> {
  const found = new Map<string, Schema>();
  for (const { properties = {} } of variantsOf(schema))
    for (const [key, property] of Object.entries(properties)) {
      if (typeof property !== 'object') continue;
      const before = found.get(key);
      found.set(key, before === undefined ? property : eitherOf(before, property));
    }
  return found;
}

function eitherOf(one: Schema, other: Schema): Schema {
  const variants = [...new Set([...variantsOf(one), ...variantsOf(other)].map((variant) => JSON.stringify(variant)))];
  if (variants.length === 1) return one;
  const { const: _, type: __, ...rest } = one;
  return { ...rest, anyOf: variants.map((variant) => JSON.parse(variant)) };
}

/** Without the mapping that is the same under any key: it is listed there, once. */
function withoutRepeated(schema: z.core.JSONSchema._JSONSchema, named: Schema['additionalProperties']) {
  if (typeof schema !== 'object' || typeof named !== 'object') return schema;
  const isRepeated = JSON.stringify(variantsOf(schema)) === JSON.stringify(variantsOf(named));
  return isRepeated ? { ...schema, anyOf: variantsOf(schema).map(({ properties: _, ...rest }) => rest) } : schema;
}

function maybeChild(schema: Schema, key: string): Schema | undefined {
  const child = propertiesOf(schema).get(key);
  if (child !== undefined) return child;
  const named = variantsOf(schema).map(({ additionalProperties }) => additionalProperties);
  return named.find((each) => typeof each === 'object');
}

function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): readonly string[] {
  const from = minimum ?? exclusiveMinimum;
  const to = maximum === Number.MAX_SAFE_INTEGER ? undefined : (maximum ?? exclusiveMaximum);
  if (exclusiveMinimum !== undefined && exclusiveMaximum !== undefined) return [`between ${from} and ${to}`];
  if (from !== undefined && to !== undefined) return [`from ${from} to ${to}`];
  if (exclusiveMinimum !== undefined) return [`above ${from}`];
  return from === undefined ? [] : [`of ${from} or more`];
}

function inWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
