import { parse } from 'yaml';
import { z } from 'zod';
import { boolean, type ColumnOptions, category, date, integer, number, text, timestamp } from '../columns.ts';
import {
  COLUMN_KINDS,
  type Column,
  type Contract,
  type Expectation,
  PROBLEM_CATEGORIES,
  type ProblemCategory,
} from '../contract.ts';
import { defineContract } from '../define-contract.ts';
import { ContractError } from '../errors.ts';
import { rowCountBetween } from '../expectations/row-count-between.ts';
import { uniqueTogether } from '../expectations/unique-together.ts';
import {
  type CustomProperties,
  expectationTemplate,
  type OdcsProperty,
  type OdcsQuality,
  type OdcsSchema,
  odcsDocument,
} from './odcs.ts';

export interface FromOdcsOptions {
  /** Which of the document's schema objects; the first unless said. */
  readonly schema?: string;
}

/**
 * Reads a contract from an Open Data Contract Standard 3 document in YAML (or JSON). What the standard can say and a check
 * cannot is passed over. SQL in it will be run, so read only documents that you would run code of.
 *
 * @throws ContractError `contract_invalid` with the path of what is wrong.
 */
export function fromOdcs(yaml: string, options: FromOdcsOptions = {}): Contract {
  const document = read(yaml);
  const chosen = document.schema.find(({ name }) => options.schema === undefined || name === options.schema);
  if (chosen === undefined) {
    const names = document.schema.map(({ name }) => name).join(', ');
    throw invalid(`Expected one of the document's schema objects (${names}); got ${JSON.stringify(options.schema)}.`);
  }
  const delimiter = z
    .enum([',', ';', '\t'])
    .optional()
    .catch(undefined)
    .parse(customOf(chosen.customProperties, 'delimiter'));
  const share = z.number().optional().catch(undefined);
  const mediumShare = share.parse(customOf(chosen.customProperties, 'mediumShare'));
  const highShare = share.parse(customOf(chosen.customProperties, 'highShare'));
  const evolution = z
    .enum(['evolve', 'discard', 'strict', 'freeze'])
    .optional()
    .catch(undefined)
    .parse(customOf(chosen.customProperties, 'evolution'));
  const description = document.description?.purpose ?? chosen.description;
  return defineContract({
    name: chosen.name,
    ...(description === undefined ? {} : { description }),
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(evolution === undefined ? {} : { evolution }),
    columns: Object.fromEntries(chosen.properties.map((property) => [property.name, column(property)])),
    expectations: expectationsOf(chosen),
    criticality: {
      ...(mediumShare === undefined ? {} : { mediumShare }),
      ...(highShare === undefined ? {} : { highShare }),
    },
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

function column(property: OdcsProperty): Column {
  const { logicalTypeOptions = {}, logicalType = 'string' } = property;
  const { minimum, maximum, pattern, minLength, maxLength } = logicalTypeOptions;
  const base = columnOptions(property);
  const bounds = {
    ...(minimum === undefined ? {} : { min: minimum }),
    ...(maximum === undefined ? {} : { max: maximum }),
  };
  switch (logicalType) {
    case 'number':
      return number({ ...base, ...bounds });
    case 'integer':
      return integer({ ...base, ...bounds });
    case 'boolean':
      return boolean(base);
    case 'date':
      return date(base);
    case 'timestamp':
      return timestamp(base);
    case 'string': {
      const categories = categoriesOf(property.quality ?? []);
      if (categories !== undefined) return category(categories, base);
      const lengths = {
        ...(minLength === undefined ? {} : { lengthMin: minLength }),
        ...(maxLength === undefined ? {} : { lengthMax: maxLength }),
      };
      return text({ ...base, ...lengths, ...(pattern === undefined ? {} : { pattern }) });
    }
    default:
      throw invalid(
        `Column "${property.name}": expected a logicalType of string, number, integer, boolean, date or timestamp; got ${JSON.stringify(logicalType)}.`,
      );
  }
}

function columnOptions(property: OdcsProperty): ColumnOptions {
  const {
    businessName,
    description,
    required,
    unique,
    primaryKey,
    primaryKeyPosition = 1,
    examples,
    customProperties,
  } = property;
  const custom = z
    .object({
      role: z.enum(['id', 'feature', 'label', 'time', 'meta']).optional(),
      severity: z.enum(['warn', 'fail']).optional(),
      unit: z.string().optional(),
      alwaysNull: z.boolean().optional(),
    })
    .safeParse(
      Object.fromEntries(
        ['role', 'severity', 'unit', 'alwaysNull'].map((name) => [name, customOf(customProperties, name)]),
      ),
    );
  const { role, ...more } = withoutUndefined(custom.success ? custom.data : {});
  const isKey = primaryKey === true && primaryKeyPosition === 1;
  const plain = z.array(z.union([z.string(), z.number(), z.boolean()])).safeParse(examples);
  return {
    ...more,
    ...(role !== undefined ? { role } : isKey ? { role: 'id' as const } : {}),
    nullable: required !== true,
    ...(unique === true ? { unique } : {}),
    ...(businessName === undefined ? {} : { label: businessName }),
    ...(description === undefined ? {} : { description }),
    ...(plain.success ? { examples: plain.data } : {}),
  };
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // Only entries without a value go, so what is left has the types it had.
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function categoriesOf(quality: readonly OdcsQuality[]): readonly string[] | undefined {
  const rule = quality.find(({ metric, mustBe }) => metric === 'invalidValues' && mustBe === 0);
  const values = z.array(z.coerce.string()).min(1).safeParse(rule?.arguments?.validValues);
  return values.success ? values.data : undefined;
}

function customOf(properties: CustomProperties, name: string): unknown {
  return properties?.find(({ property }) => property === `weir.${name}`)?.value;
}

function expectationsOf(schema: OdcsSchema): readonly Expectation[] {
  const keys = schema.properties.filter(({ primaryKey }) => primaryKey === true).map(({ name }) => name);
  const composite = keys.length > 1 ? [uniqueTogether(keys)] : [];
  return [...composite, ...(schema.quality ?? []).flatMap(expectationOf)];
}

function expectationOf(quality: OdcsQuality): readonly Expectation[] {
  if (quality.engine === 'weir') return [ownExpectation(quality)];
  if (quality.metric !== 'rowCount') return [];
  const [low, high] = quality.mustBeBetween ?? [quality.mustBe, quality.mustBe];
  const min = low ?? quality.mustBeGreaterOrEqualTo;
  const max = high ?? quality.mustBeLessOrEqualTo;
  if (min === undefined && max === undefined) return [];
  return [rowCountBetween({ ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) })];
}

function ownExpectation({ name = '', severity, description = name, implementation }: OdcsQuality): Expectation {
  const read = expectationTemplate.safeParse(implementation);
  const category = PROBLEM_CATEGORIES.find((known): known is ProblemCategory => known === read.data?.category);
  if (!read.success || category === undefined) {
    throw invalid(
      `Quality rule "${name}": expected an implementation that Weir wrote; got something else.`,
      read.error,
    );
  }
  const { maker, level, form, column: about, columns, sql } = read.data;
  return {
    name,
    ...(maker === undefined ? {} : { maker }),
    level,
    severity: severity === 'warn' ? 'warn' : 'fail',
    category,
    ...(form === undefined ? {} : { form }),
    ...(about === undefined ? {} : { column: about }),
    ...(columns === undefined ? {} : { columns }),
    sentence: description,
    sql: (names) =>
      sql
        .replaceAll('"{table}"', () => names.table)
        .replaceAll(/"\{(\w+) ([^"]*)\}"/g, (found, which: string, named: string) => {
          if (which === 'typed' || which === 'raw') return names[which](named);
          const kind = COLUMN_KINDS.find((known) => known === which);
          return kind === undefined ? found : names.typedAs(named, kind);
        }),
  };
}

function invalid(message: string, cause?: unknown): ContractError {
  return new ContractError('contract_invalid', message, { cause });
}
