import type { Contract, Unchecked } from '../contract.ts';
import { ContractError } from '../errors.ts';
import { uniqueTogether } from '../expectations/keys.ts';
import { askedByRelationships } from './asked-by-relationships.ts';
import { type Asked, askedByRules, toldApart } from './asked-by-rules.ts';
import { type OdcsSchema, unknownKeys } from './odcs.ts';
import { type ReadProperty, readProperty } from './read-property.ts';
import { inWords } from './read-rule.ts';

/** The requirements of a schema object: columns, expectations, and what is not checked. */
export function askedBySchema(schema: OdcsSchema, datasets: readonly string[]): Pick<Contract, 'columns'> & Asked {
  const { name: path, physicalName, quality } = schema;
  const keys = keysOf(schema);
  const properties = readProperties(schema, keys);
  const columns = Object.fromEntries([...properties].map(([name, { column }]) => [name, column]));
  const place = {
    columns,
    kinds: new Map(Object.entries(columns).map(([name, { kind }]) => [name, kind])),
    tables: physicalName === undefined ? [path] : [path, physicalName],
    aliases: aliasesOf(schema),
  };
  const asked: readonly Asked[] = [
    ...(keys.length > 1 ? [{ expectations: [uniqueTogether(keys)], unchecked: [] }] : []),
    ...[...properties].flatMap(([column, property]): readonly Asked[] => [
      property,
      ...askedByRules(property.quality, {
        ...{ ...place, path: `${path}.${column}`, column, isRead: property.categoryRule },
      }),
    ]),
    ...askedByRules(quality, { ...place, path }),
    ...askedByRelationships(schema, { datasets, columns: new Set(properties.keys()) }),
  ];
  // What Weir wrote has the order and the names of the contract; the rules beside it say the same again.
  const inOrder = [...asked.filter(({ isOwn }) => isOwn === true), ...asked.filter(({ isOwn }) => isOwn !== true)];
  const expectations = inOrder.flatMap((each) => each.expectations);
  const unchecked = [...asked.flatMap((each) => each.unchecked), ...uncheckedOf(schema)];
  return { columns, expectations: toldApart(expectations, columns), unchecked };
}

/** The columns of the primary key, in its order. */
function keysOf({ properties }: OdcsSchema): readonly string[] {
  return properties
    .filter(({ primaryKey }) => primaryKey === true)
    .toSorted((a, b) => (a.primaryKeyPosition ?? 0) - (b.primaryKeyPosition ?? 0))
    .map(({ name }) => name);
}

/** The database's names of columns, unless another column has that name. */
function aliasesOf({ properties }: OdcsSchema): ReadonlyMap<string, string> {
  const names = new Set(properties.map(({ name }) => name.toLowerCase()));
  const aliases = properties.flatMap(({ name, physicalName }) => {
    const alias = physicalName?.toLowerCase() ?? '';
    return alias === '' || names.has(alias) ? [] : [[alias, name] as const];
  });
  return new Map(aliases);
}

function readProperties(
  { name: schema, properties }: OdcsSchema,
  keys: readonly string[],
): ReadonlyMap<string, ReadProperty & { readonly quality: unknown }> {
  const read = new Map<string, ReadProperty & { readonly quality: unknown }>();
  for (const property of properties) {
    const { name, quality } = property;
    if (read.has(name)) {
      throw new ContractError(
        'contract_invalid',
        `Schema object "${schema}" has two properties "${name}". Remove one.`,
      );
    }
    const keySize = keys.includes(name) ? keys.length : 0;
    read.set(name, { ...readProperty(property, { path: `${schema}.${name}`, keySize }), quality });
  }
  return read;
}

function uncheckedOf(schema: OdcsSchema): readonly Unchecked[] {
  const unknown = unknownKeys(schema).map(([key, value]) => ({
    path: `${schema.name}.${key}`,
    rule: inWords(`${key} ${JSON.stringify(value)}`),
    reason: 'the check does not know this key of a schema object',
  }));
  return unknown;
}
