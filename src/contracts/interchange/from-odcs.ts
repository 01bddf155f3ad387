import { z } from 'zod';
import { parseYaml } from '#store';
import type { Contract, Unchecked } from '../contract.ts';
import { defineContract } from '../define-contract.ts';
import { ContractError } from '../errors.ts';
import type { FileFormat } from '../format/file-format.ts';
import { KNOWN_DELIMITERS } from '../scan/delimiters.ts';
import { askedBySchema } from './asked-by-schema.ts';
import { documentRulesOf } from './document-rules.ts';
import { type OdcsSchema, odcsDocument, ownProperties, READ_ONCE, uncheckedList, unknownKeys } from './odcs.ts';
import { inWords } from './read-rule.ts';

/** Which part of a document to read. */
export interface FromOdcsOptions {
  /** Which of the document's schema objects, by its name; by default the only one. */
  readonly schema?: string;
  /**
   * Names of other datasets that checks will be given: relationships with them are checked, and others are not; none unless set.
   */
  readonly datasets?: readonly string[];
}

/**
 * Reads a contract from an Open Data Contract Standard 3 document in YAML (or JSON). Requirements that a check cannot
 * evaluate are in the contract's `unchecked`, which every result lists. SQL in the document will be run, so read only
 * documents that you trust to run code.
 *
 * @throws ContractError `contract_invalid` with the path of what is wrong.
 */
export function fromOdcs(yaml: string, options: FromOdcsOptions = {}): Contract {
  const document = read(yaml);
  const schema = chosenFrom(document.schema, options.schema);
  const { description } = document;
  const { columns, expectations, unchecked } = askedBySchema(schema, options.datasets ?? []);
  const { earlier, ...settings } = settingsOf(schema);
  const purpose = (typeof description === 'string' ? description : description?.purpose) ?? schema.description;
  return defineContract({
    name: nameOf(schema),
    ...(purpose === undefined ? {} : { description: purpose }),
    ...settings,
    columns,
    expectations,
    unchecked: toldOnce([...earlier, ...unchecked, ...unknownIn(document)]),
    documentRules: documentRulesOf(schema),
  });
}

function read(yaml: string) {
  let content: unknown;
  try {
    content = parseYaml(yaml);
  } catch (cause) {
    throw invalid('Expected a data contract in YAML; the text is not YAML.', cause);
  }
  const read = odcsDocument.safeParse(content, READ_ONCE);
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
      : `Expected one of the document's schema objects (${names}); got ${JSON.stringify(name)}${first === undefined ? '' : ', which occurs more than once'}.`,
  );
}

/** The name of a schema object as that of a contract, which has fewer characters. */
function nameOf({ name }: OdcsSchema): string {
  const plain = name.replaceAll(/[^\p{L}\p{N} ._-]+/gu, '_').slice(0, 100);
  return /^[\p{L}\p{N}]/u.test(plain) ? plain : `contract ${plain}`.trim().slice(0, 100);
}

const share = z.number().optional();
/** Each of its settings is looked at when the contract is defined. */
const fileFormat = z.custom<FileFormat>((value) => typeof value === 'object' && value !== null, 'Expected an object');
const SETTINGS = z.strictObject({
  delimiter: z.enum(KNOWN_DELIMITERS).optional(),
  format: fileFormat.optional(),
  evolution: z.enum(['evolve', 'discard', 'strict', 'freeze']).optional(),
  mediumShare: share,
  highShare: share,
  environments: z.array(z.string()).min(1).optional(),
  unchecked: uncheckedList.optional(),
});

/** Without those rules that an exported contract lists, and of which the document has the rule itself too. */
function toldOnce(unchecked: readonly Unchecked[]): readonly Unchecked[] {
  const told = new Map<string, Unchecked>();
  for (const each of unchecked) {
    const { path, column, rule, reason } = each;
    // The name of the table in front may have changed.
    const place = path.includes('.quality[') ? path.slice(path.indexOf('.quality[')) : path;
    const text = JSON.stringify([place, column, rule, reason]);
    if (!told.has(text)) told.set(text, each);
  }
  return [...told.values()];
}

function settingsOf({ name, customProperties }: OdcsSchema) {
  const {
    delimiter,
    format,
    environments,
    evolution,
    mediumShare,
    highShare,
    unchecked = [],
  } = ownProperties(customProperties, {
    known: SETTINGS,
    path: name,
  });
  return {
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(format === undefined ? {} : { format }),
    ...(evolution === undefined ? {} : { evolution }),
    ...(environments === undefined ? {} : { environments }),
    criticality: {
      ...(mediumShare === undefined ? {} : { mediumShare }),
      ...(highShare === undefined ? {} : { highShare }),
    },
    /** What was unchecked in a contract that Weir exported. */
    earlier: unchecked.map(({ path, column, rule, reason }) => {
      return { path, ...(column === undefined ? {} : { column }), rule, reason };
    }),
  };
}

function unknownIn(document: z.output<typeof odcsDocument>): readonly Unchecked[] {
  return unknownKeys(document, 'of the document').map(([key, value]) => ({
    path: key,
    rule: inWords(`${key} ${JSON.stringify(value)}`),
    reason: 'the check does not know this key of a document',
  }));
}

function invalid(message: string, cause?: unknown): ContractError {
  return new ContractError('contract_invalid', message, { cause });
}
