import { parse } from 'yaml';
import { z } from 'zod';
import type { Contract, Unchecked } from '../contract.ts';
import { defineContract } from '../define-contract.ts';
import { ContractError } from '../errors.ts';
import { uniqueTogether } from '../expectations/unique-together.ts';
import { type Asked, askedByRules, toldApart } from './asked-by-rules.ts';
import {
  type CustomProperties,
  customOf,
  type OdcsSchema,
  odcsDocument,
  ownProperties,
  uncheckedList,
  unknownKeys,
} from './odcs.ts';
import { type ReadProperty, readProperty } from './read-property.ts';
import { asList, inWords } from './read-rule.ts';

export interface FromOdcsOptions {
  /** Which of the document's schema objects, by its name; may be left out where there is one. */
  readonly schema?: string;
}

/**
 * Reads a contract from an Open Data Contract Standard 3 document in YAML (or JSON). What it asks of the data and a check
 * cannot look at is in the contract's `unchecked`, which every result repeats. SQL in it will be run, so read only
 * documents that you would run code of.
 *
 * @throws ContractError `contract_invalid` with the path of what is wrong.
 */
export function fromOdcs(yaml: string, options: FromOdcsOptions = {}): Contract {
  const document = read(yaml);
  const schema = chosenFrom(document.schema, options.schema);
  const { description } = document;
  const purpose = (typeof description === 'string' ? description : description?.purpose) ?? schema.description;
  return defineContract({
    name: nameOf(schema),
    ...(purpose === undefined ? {} : { description: purpose }),
    ...settingsOf(schema),
    ...askedBy(schema),
  });
}

function read(yaml: string) {
  let content: unknown;
  try {
    // YAML 1.2 without custom tags; aliases are bounded, so that a small text cannot unfold to a large one.
    content = parse(yaml, { maxAliasCount: 100 });
  } catch (cause) {
    throw invalid('Expected a data contract in YAML; the text is not YAML.', cause);
  }
  const read = odcsDocument.safeParse(content);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw invalid(
    `Expected an ODCS 3 data contract; ${issue?.path.join('.') || 'the document'}: ${issue?.message}.`,
    read.error,
  );
}

function chosenFrom(schemas: readonly OdcsSchema[], name: string | undefined): OdcsSchema {
  const chosen = schemas.filter((schema) => name === undefined || schema.name === name);
  const [first] = chosen;
  if (first !== undefined && chosen.length === 1) return first;
  const names = schemas.map((schema) => schema.name).join(', ');
  throw invalid(
    name === undefined
      ? `Expected the name of one of the document's schema objects (${names}): weir check --schema <name>, or fromOdcs(yaml, { schema }).`
      : `Expected one of the document's schema objects (${names}); got ${JSON.stringify(name)}${first === undefined ? '' : ', which it has more than once'}.`,
  );
}

/** The name of a schema object as that of a contract, which has fewer characters. */
function nameOf({ name }: OdcsSchema): string {
  const plain = name.replaceAll(/[^\p{L}\p{N} ._-]+/gu, '_').slice(0, 100);
  return /^[\p{L}\p{N}]/u.test(plain) ? plain : `contract ${plain}`.trim().slice(0, 100);
}

const share = z.number().optional();
const SETTINGS = {
  delimiter: z.enum([',', ';', '\t']).optional(),
  evolution: z.enum(['evolve', 'discard', 'strict', 'freeze']).optional(),
  mediumShare: share,
  highShare: share,
  unchecked: uncheckedList.optional(),
};

function settingsOf({ name, customProperties }: OdcsSchema) {
  const { delimiter, evolution, mediumShare, highShare } = ownProperties(customProperties, {
    shape: SETTINGS,
    path: name,
  });
  return {
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(evolution === undefined ? {} : { evolution }),
    criticality: {
      ...(mediumShare === undefined ? {} : { mediumShare }),
      ...(highShare === undefined ? {} : { highShare }),
    },
  };
}

/** All that a schema object asks of the data: columns, expectations, and what is not checked. */
function askedBy(schema: OdcsSchema): Pick<Contract, 'columns'> & Asked {
  const { name: path, properties, customProperties } = schema;
  const keys = properties
    .filter(({ primaryKey }) => primaryKey === true)
    .toSorted((a, b) => (a.primaryKeyPosition ?? 0) - (b.primaryKeyPosition ?? 0))
    .map(({ name }) => name);
  const read = new Map<string, ReadProperty>();
  for (const property of properties) {
    const { name, primaryKey } = property;
    if (read.has(name)) throw invalid(`Schema object "${path}" has two properties "${name}".`);
    read.set(name, readProperty(property, { path: `${path}.${name}`, keySize: primaryKey === true ? keys.length : 0 }));
  }
  const columns = Object.fromEntries([...read].map(([name, { column }]) => [name, column]));
  const tables = [schema.name, ...(schema.physicalName === undefined ? [] : [schema.physicalName])];
  const ofColumns = properties.flatMap(({ name, quality }): readonly Asked[] => {
    const property = read.get(name);
    const target = { columns, tables, column: name, path: `${path}.${name}` };
    return [
      ...(property === undefined ? [] : [property]),
      ...askedByRules(quality, { ...target, isRead: property?.categoryRule }),
    ];
  });
  const asked: readonly Asked[] = [
    ...(keys.length > 1 ? [{ expectations: [uniqueTogether(keys)], unchecked: [] }] : []),
    ...ofColumns,
    ...askedByRules(schema.quality, { columns, tables, path }),
  ];
  const unchecked = [
    ...asked.flatMap((each) => each.unchecked),
    ...unknownKeys(schema).map(([key, value]) => ({
      path: `${path}.${key}`,
      rule: inWords(`${key} ${JSON.stringify(value)}`),
      reason: 'the check does not know this key of a schema object',
    })),
    ...asList(schema.relationships).map((_, index) => ({
      path: `${path}.relationships[${index}]`,
      rule: 'a relationship',
      reason: 'it is about another table',
    })),
    ...earlierOf(customProperties),
  ];
  return {
    columns,
    expectations: toldApart(
      asked.flatMap((each) => each.expectations),
      columns,
    ),
    unchecked,
  };
}

/** What was unchecked in a contract that Weir wrote down. */
function earlierOf(customProperties: CustomProperties): readonly Unchecked[] {
  const earlier = uncheckedList.safeParse(customOf(customProperties, 'unchecked')).data ?? [];
  return earlier.map(({ path, column, rule, reason }) => {
    return { path, ...(column === undefined ? {} : { column }), rule, reason };
  });
}

function invalid(message: string, cause?: unknown): ContractError {
  return new ContractError('contract_invalid', message, { cause });
}
