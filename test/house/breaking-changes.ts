/** A part of an OpenAPI document. */
export type Schema = Readonly<Record<string, unknown>>;

interface Side {
  readonly document: Schema;
  readonly schema: Schema;
}

/**
 * What a client of the released document could not do any more: operations and fields that are gone, requests that are
 * refused now, answers that are wider or lack what they always had. New operations, optional fields and codes break nothing.
 */
export function breakingChanges(released: Schema, present: Schema): readonly string[] {
  return Object.entries(at(released, 'paths')).flatMap(([path, operations]) =>
    Object.entries(asSchema(operations)).flatMap(([method, operation]) => {
      const now = at(at(at(present, 'paths'), path), method);
      const where = `${method.toUpperCase()} ${path}`;
      if (Object.keys(now).length === 0) return [`${where} is gone`];
      const [before, after] = [
        { document: released, schema: asSchema(operation) },
        { document: present, schema: now },
      ];
      return operationChanges(before, after).map((change) => `${where}: ${change}`);
    }),
  );
}

function operationChanges(before: Side, after: Side): readonly string[] {
  const bodyOf = ({ document, schema }: Side): Side => ({
    document,
    schema: jsonOf(at(schema, 'requestBody')),
  });
  const answerOf = ({ document, schema }: Side): Side => ({
    document,
    schema: jsonOf(at(at(schema, 'responses'), '200')),
  });
  return [
    ...parameterChanges(before.schema, after.schema),
    ...requestChanges(bodyOf(before), bodyOf(after), 'body'),
    ...answerChanges(answerOf(before), answerOf(after), 'answer'),
  ];
}

function parameterChanges(before: Schema, after: Schema): readonly string[] {
  const nameOf = (one: Schema): string => `${one.in} ${one.name}`;
  const known = new Map(list(after.parameters).map((one) => [nameOf(one), one]));
  const old = list(before.parameters);
  const added = [...known].filter(([name, one]) => one.required === true && !old.some((each) => nameOf(each) === name));
  return [
    ...old.flatMap((one) => {
      const now = known.get(nameOf(one));
      if (now === undefined) return [`${nameOf(one)} is gone`];
      const required = one.required !== true && now.required === true ? [`${nameOf(one)} is required now`] : [];
      return [...required, ...narrowed(at(one, 'schema'), at(now, 'schema'), nameOf(one))];
    }),
    ...added.map(([name]) => `${name} is new and required`),
  ];
}

/** What is sent may be no narrower than before. */
function requestChanges(before: Side, after: Side, where: string): readonly string[] {
  const [old, now] = [resolved(before), resolved(after)];
  const added = strings(now.schema.required).filter((name) => !strings(old.schema.required).includes(name));
  return [
    ...narrowed(old.schema, now.schema, where),
    ...added.map((name) => `${where}.${name} is required now`),
    ...fieldChanges(old, now, { where, inner: requestChanges }),
  ];
}

/** What is answered may be no wider than before. */
function answerChanges(before: Side, after: Side, where: string): readonly string[] {
  const [old, now] = [resolved(before), resolved(after)];
  const lost = strings(old.schema.required).filter((name) => !strings(now.schema.required).includes(name));
  return [
    ...narrowed(now.schema, old.schema, where).map((change) => change.replace('takes no', 'may be')),
    ...lost.map((name) => `${where}.${name} may be absent now`),
    ...fieldChanges(old, now, { where, inner: answerChanges }),
  ];
}

interface Walk {
  readonly where: string;
  readonly inner: (before: Side, after: Side, where: string) => readonly string[];
}

function fieldChanges(before: Side, after: Side, { where, inner }: Walk): readonly string[] {
  const fields = Object.keys(at(before.schema, 'properties')).flatMap((name) => {
    const fields = at(after.schema, 'properties');
    if (!Object.hasOwn(fields, name)) return [`${where}.${name} is gone`];
    const now = at(fields, name);
    return inner(
      { ...before, schema: at(at(before.schema, 'properties'), name) },
      { ...after, schema: now },
      `${where}.${name}`,
    );
  });
  const items = at(before.schema, 'items');
  if (Object.keys(items).length === 0) return fields;
  return [
    ...fields,
    ...inner({ ...before, schema: items }, { ...after, schema: at(after.schema, 'items') }, `${where}[]`),
  ];
}

/** What the first schema takes and the second does not, by types, values and bounds. */
function narrowed(wide: Schema, narrow: Schema, where: string): readonly string[] {
  const types = without(typesOf(wide), typesOf(narrow)).map((type) => `${where} takes no ${type}`);
  const values = narrow.enum === undefined || wide.enum === undefined ? [] : without(valuesOf(wide), valuesOf(narrow));
  const isClosed = narrow.enum !== undefined && wide.enum === undefined && Object.keys(wide).length > 0;
  return [
    ...types,
    ...values.map((value) => `${where} takes no ${JSON.stringify(value)}`),
    ...(isClosed ? [`${where} takes no other values than ${JSON.stringify(narrow.enum)}`] : []),
    ...(['maximum', 'maxLength', 'maxItems'] as const)
      .filter((bound) => Number(narrow[bound] ?? Infinity) < Number(wide[bound] ?? Infinity))
      .map((bound) => `${where} takes no ${bound} above ${narrow[bound]}`),
  ];
}

function resolved({ document, schema }: Side): Side {
  const name = /^#\/components\/schemas\/(.+)$/.exec(String(schema.$ref ?? ''))?.[1];
  return name === undefined
    ? { document, schema }
    : { document, schema: at(at(at(document, 'components'), 'schemas'), name) };
}

const jsonOf = (part: Schema): Schema => at(at(at(part, 'content'), 'application/json'), 'schema');
const typesOf = ({ type }: Schema): readonly unknown[] => (type === undefined ? [] : [type].flat());
const valuesOf = (schema: Schema): readonly unknown[] => (Array.isArray(schema.enum) ? schema.enum : []);
const without = (all: readonly unknown[], taken: readonly unknown[]): readonly unknown[] =>
  taken.length === 0
    ? []
    : all.filter((one) => !taken.includes(one) && !(one === 'integer' && taken.includes('number')));
const list = (value: unknown): readonly Schema[] => (Array.isArray(value) ? value.map(asSchema) : []);
const strings = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
const at = (schema: Schema, key: string): Schema => asSchema(schema[key]);
// Objects of a JSON document have text keys.
const asSchema = (value: unknown): Schema => (typeof value === 'object' && value !== null ? (value as Schema) : {});
