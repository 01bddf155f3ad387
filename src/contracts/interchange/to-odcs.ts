import { yamlPackage } from '#store';
import type { Column, Contract, DocumentRule, Expectation, PlainKind } from '../contract.ts';
import { writtenNames } from '../define-contract.ts';
import { ContractError } from '../errors.ts';
import { isDecimal } from '../kinds/decimal.ts';
import { isOrdered } from '../kinds/text-bounds.ts';
import { nestedColumn } from '../rules/cell-limits.ts';
import { standardRulesOf } from './document-rules.ts';
import { ODCS_VERSION, type OdcsDocument, type WrittenProperty, type WrittenQuality } from './odcs.ts';
import { toSearchedPattern } from './whole-pattern.ts';

/** What the document says of itself. */
export interface ToOdcsOptions {
  /** Version of the contract, as its owner counts; `1.0.0` unless set. */
  readonly version?: string;
  /**
   * Whether functions in TypeScript, which a document cannot hold, are left out and listed as not checked; a contract with one is
   * refused unless set.
   */
  readonly leavesOutFunctions?: boolean;
  /** Where the contract stands in its life; `active` unless set. */
  readonly status?: 'proposed' | 'draft' | 'active' | 'deprecated' | 'retired';
}

/** A contract as an Open Data Contract Standard 3.1 document in YAML; `fromOdcs` reads it back. */
export function toOdcs(
  given: Contract,
  { version = '1.0.0', status = 'active', leavesOutFunctions = false }: ToOdcsOptions = {},
): string {
  const contract = withoutFunctions(given, leavesOutFunctions);
  const { name, description, delimiter, format, criticality, evolution, columns, expectations } = contract;
  const { unchecked, environments } = contract;
  const rules = standardRulesOf(contract);
  const tableRules = [
    ...rules.filter(({ column }) => column === undefined).map(asWritten),
    ...expectations.map((expectation) => quality(expectation, contract)),
  ];
  const keys = Object.keys(columns).filter((column) => isKey(columns[column]));
  const document: OdcsDocument = {
    apiVersion: ODCS_VERSION,
    kind: 'DataContract',
    id: name,
    name,
    version,
    status,
    ...(description === undefined ? {} : { description: { purpose: description } }),
    schema: [
      {
        name,
        logicalType: 'object',
        physicalType: 'csv',
        properties: Object.entries(columns).map(([column, about]) =>
          property(column, {
            ...{ about, isPrimary: keys.length === 1 && keys[0] === column },
            rules: rules.filter((rule) => rule.column === column),
          }),
        ),
        ...(tableRules.length === 0 ? {} : { quality: tableRules }),
        customProperties: custom({ delimiter, format, evolution, ...criticality, environments, unchecked }) ?? [],
      },
    ],
  };
  return yamlPackage().stringify(document, { lineWidth: 120 });
}

/** The contract as a document can hold it. */
function withoutFunctions(contract: Contract, mayLeaveOut: boolean): Contract {
  const functions = contract.expectations.filter(({ holds }) => holds !== undefined);
  if (functions.length === 0) return contract;
  const names = functions.map(({ name }) => name).join(', ');
  if (!mayLeaveOut) {
    throw new ContractError(
      'contract_invalid',
      `Contract "${contract.name}": a document cannot hold functions in TypeScript; it has ${names}. State them in SQL by row(), or leave them out: toOdcs(contract, { leavesOutFunctions: true }).`,
    );
  }
  const unchecked = functions.map(({ name, sentence, rule }) => {
    const column =
      rule?.over === 'row' && rule.test === 'function' && rule.isOfCell === true ? rule.columns[0] : undefined;
    const reason = 'it is a function in TypeScript, which a document cannot hold';
    return { path: `${contract.name}.${name}`, ...(column === undefined ? {} : { column }), rule: sentence, reason };
  });
  return {
    ...contract,
    expectations: contract.expectations.filter(({ holds }) => holds === undefined),
    unchecked: [...(contract.unchecked ?? []), ...unchecked],
  };
}

const LOGICAL_TYPES: Readonly<Record<PlainKind, string>> = {
  number: 'number',
  integer: 'integer',
  boolean: 'boolean',
  category: 'string',
  text: 'string',
  timestamp: 'timestamp',
  date: 'date',
  time: 'time',
  duration: 'string',
  list: 'array',
  struct: 'object',
};

/** A primary key is never empty and unique; of an id that is not so, only its role is written. */
function isKey(column: Column | undefined): boolean {
  return column?.role === 'id' && column.unique && !column.nullable && column.alwaysNull !== true;
}

function property(
  name: string,
  {
    about: column,
    isPrimary,
    rules,
  }: { readonly about: Column; readonly isPrimary: boolean; readonly rules: readonly DocumentRule[] },
): WrittenProperty {
  const {
    kind,
    role,
    nullable,
    unique,
    label,
    description,
    unit,
    examples,
    alwaysNull,
    severity,
    header,
    sensitive,
    optional,
  } = column;
  const options = typeOptions(column);
  const properties = custom({
    kind: kind === 'category' || kind === 'duration' || isDecimal(kind) ? kind : undefined,
    ...textBounds(column),
    nested: kind === 'list' || kind === 'struct' ? nestedColumn(column) : undefined,
    role: role === 'feature' ? undefined : role,
    unit,
    decimals: kind === 'number' || kind === 'integer' ? column.decimals : undefined,
    alwaysNull,
    optional,
    environments: column.environments,
    coerce: column.coerce,
    generated: kind === 'text' ? column.generated : undefined,
    // The standard has no empty name.
    header: header === '' ? header : undefined,
    severity: severity === 'fail' ? undefined : severity,
  });
  return {
    name,
    ...(header === undefined || header === '' ? {} : { physicalName: header }),
    ...(label === undefined ? {} : { businessName: label }),
    ...(description === undefined ? {} : { description }),
    logicalType: isDecimal(kind) ? 'number' : LOGICAL_TYPES[kind],
    ...(isDecimal(kind) ? { physicalType: kind } : {}),
    ...(options === undefined ? {} : { logicalTypeOptions: options }),
    ...(sensitive === true ? { classification: 'confidential' } : {}),
    required: !nullable,
    ...(unique ? { unique } : {}),
    ...(isPrimary ? { primaryKey: true, primaryKeyPosition: 1 } : {}),
    ...(examples === undefined ? {} : { examples: [...examples] }),
    ...(rules.length === 0 ? {} : { quality: rules.map(asWritten) }),
    ...(properties === undefined ? {} : { customProperties: properties }),
  };
}

/** Bounds that the standard has no place for, or that a double would round. */
function textBounds(column: Column): { readonly min?: string | undefined; readonly max?: string | undefined } {
  return isOrdered(column) ? { min: column.min, max: column.max } : {};
}

function typeOptions(column: Column): object | undefined {
  const options =
    column.kind === 'number' || column.kind === 'integer'
      ? { minimum: column.min, maximum: column.max }
      : column.kind === 'text'
        ? {
            pattern: column.pattern === undefined ? undefined : toSearchedPattern(column.pattern),
            minLength: column.lengthMin,
            maxLength: column.lengthMax,
          }
        : {};
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** A rule as it was read, or made: what it is stays what it was. */
const asWritten = ({ rule }: DocumentRule): WrittenQuality => rule as WrittenQuality;

function quality(expectation: Expectation, contract: Contract): WrittenQuality {
  const { name, maker, level, severity, category, form, origin, column, columns, sentence, rule, atLeast } =
    expectation;
  return {
    name,
    type: 'custom',
    engine: 'weir',
    description: sentence,
    severity,
    implementation: {
      ...(maker === undefined ? {} : { maker }),
      level,
      category,
      ...(atLeast === undefined ? {} : { atLeast }),
      ...(form === undefined ? {} : { form }),
      ...(origin === undefined ? {} : { origin }),
      ...(column === undefined ? {} : { column }),
      ...(columns === undefined ? {} : { columns: [...columns] }),
      ...(rule === undefined ? { sql: expectation.sql(writtenNames(contract.columns)) } : { rule }),
    },
  };
}

function custom(values: Readonly<Record<string, unknown>>): { property: string; value: unknown }[] | undefined {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : given.map(([name, value]) => ({ property: `weir.${name}`, value }));
}
