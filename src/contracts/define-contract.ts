import type {
  Column,
  ColumnKind,
  Contract,
  CriticalityRules,
  DocumentRule,
  Evolution,
  Expectation,
  NamesThere,
  Role,
  SqlNames,
  Unchecked,
} from './contract.ts';
import { ContractError } from './errors.ts';
import { defineFormat } from './format/define-format.ts';
import type { FileFormat } from './format/file-format.ts';
import { maybeConstantSql } from './kinds/cell-value.ts';
import { maybeMisfit } from './rules/maybe-misfit.ts';
import { DELIMITERS, DELIMITERS_IN_WORDS } from './scan/delimiters.ts';

/**
 * The definition of a contract; see `number()` and the other column functions, and `row()` and the other expectation
 * functions.
 */
export interface ContractOptions<Columns> {
  /** Letters, digits, spaces, dots, dashes and underscores, at most 100. Reports and statistics go by it. */
  readonly name: string;
  /** A sentence about the data; none unless set. */
  readonly description?: string;
  /** The columns by name: `{ age: number({ min: 0 }), class: category(['1st', '2nd']) }`. */
  readonly columns: Columns;
  /** What must hold beyond what the columns say; nothing unless set. Example: `[uniqueTogether(['day', 'shop'])]`. */
  readonly expectations?: readonly Expectation[];
  /**
   * What separates the cells of good rows, and of CSV files whose first line does not show another; `,` unless set.
   */
  readonly delimiter?: Contract['delimiter'];
  /**
   * How files are written, where that differs from the default form: `{ delimiter: ';', decimal: ',', dates: ['dd.MM.yyyy'] }`.
   * Good rows are in the default form whatever it is.
   */
  readonly format?: FileFormat;
  /** By default high from half of the rows and medium from a tenth. */
  readonly criticality?: Partial<CriticalityRules>;
  /** How a file with changed columns is handled; `evolve` by default. */
  readonly evolution?: Evolution;
  /**
   * Names of what files are for, by which their columns differ; none unless set. A column says in which it is, and
   * `inEnvironment` gives the contract of one. Example: `['training', 'serving']`.
   */
  readonly environments?: readonly string[];
  /** Requirements on the data that cannot be checked, which every report lists; none by default. */
  readonly unchecked?: readonly Unchecked[];
  /** Rules of the document that it was read from, for a document made of it; none by default. */
  readonly documentRules?: readonly DocumentRule[];
}

/** The value of one column in a typed row. */
export type ValueOf<C> = C extends { readonly alwaysNull: true }
  ? null
  : KindValue<C> | (C extends { readonly nullable: false; readonly optional?: false } ? never : null);

type KindValue<C> = C extends { readonly kind: 'number' | 'integer' }
  ? number
  : C extends { readonly kind: 'boolean' }
    ? boolean
    : C extends { readonly kind: 'category'; readonly categories: readonly (infer Name)[] }
      ? Name
      : string;

/** A typed row of a contract: `RowOf<typeof passengers>`. */
export type RowOf<C extends Pick<Contract, 'columns'>> = {
  readonly [Name in keyof C['columns']]: ValueOf<C['columns'][Name]>;
};

/** A contract whose columns are known to the type checker. */
export type DefinedContract<Columns> = Omit<Contract, 'columns'> & {
  /** The columns by name, with the types that `RowOf` reads. */
  readonly columns: Columns;
};

const OPTIONS: readonly string[] = [
  'name',
  'description',
  'columns',
  'expectations',
  'delimiter',
  'format',
  'criticality',
  'evolution',
  'environments',
  'unchecked',
  'documentRules',
] satisfies readonly (keyof ContractOptions<unknown>)[];
const COLUMNS_MAX = 10_000;
/** Of a contract's name, in characters. */
export const NAME_LENGTH_MAX = 100;
/** Names that the check's own columns and those of DuckDB have. */
export const RESERVED_NAME = /^(rowid|weir_.*)$/i;

/**
 * Defines what a dataset must be. The whole definition is validated here, so that every existing contract works.
 *
 * @example defineContract({ name: 'people', columns: { id: integer({ role: 'id' }), age: number({ min: 0, max: 120 }) } })
 */
export function defineContract<const Columns extends { readonly [name: string]: Column }>(
  options: ContractOptions<Columns>,
): DefinedContract<Columns> {
  assertOptions(options);
  const { name, description, columns, expectations = [], delimiter = ',', environments } = options;
  const { unchecked = [], documentRules = [] } = options;
  assertColumns(name, columns);
  assertEnvironments(name, { columns, environments });
  const format = options.format && defineFormat(name, { format: options.format, delimiter });
  return Object.freeze({
    name,
    ...(description === undefined ? {} : { description }),
    columns: dictionary(Object.entries(columns)) as Columns,
    expectations: Object.freeze(namedApart(name, { columns, expectations })),
    delimiter,
    ...(format === undefined ? {} : { format }),
    criticality: criticalityOf(name, options.criticality),
    evolution: options.evolution ?? 'evolve',
    ...(environments === undefined ? {} : { environments: Object.freeze([...environments]) }),
    ...(unchecked.length === 0 ? {} : { unchecked: Object.freeze([...unchecked]) }),
    ...(documentRules.length === 0 ? {} : { documentRules: Object.freeze([...documentRules]) }),
  });
}

/**
 * The same contract without the columns that have one of the roles, and without the expectations that name them:
 * the contract of an arriving file, before its labels are known.
 */
export function withoutRoles(contract: Contract, roles: readonly Role[]): Contract {
  const gone = Object.entries(contract.columns).filter(([, column]) => roles.includes(column.role));
  return withoutColumns(contract, new Set(gone.map(([name]) => name)));
}

/**
 * The contract of files for one of its environments: without the columns that are in others only, and without the
 * expectations that name them.
 *
 * @throws ContractError `contract_invalid` when the contract has no such environment.
 */
export function inEnvironment(contract: Contract, environment: string): Contract {
  const { environments: known = [], ...rest } = contract;
  if (!known.includes(environment)) {
    const names = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
    throw invalid(
      `Expected an environment of the contract "${contract.name}"; got ${JSON.stringify(environment)}, and ${names}.`,
    );
  }
  const gone = Object.entries(contract.columns).filter(
    ([, { environments }]) => environments !== undefined && !environments.includes(environment),
  );
  return withoutColumns(rest, new Set(gone.map(([name]) => name)));
}

/** The same contract without these columns, and without the expectations that name them. */
export function withoutColumns(contract: Contract, gone: ReadonlySet<string>): Contract {
  const kept = Object.entries(contract.columns).filter(([name]) => !gone.has(name));
  const expectations = contract.expectations.filter((expectation) => {
    return ![...columnsNamedBy(expectation)].some((column) => gone.has(column));
  });
  const isKept = ({ column }: { readonly column?: string }): boolean => column === undefined || !gone.has(column);
  const unchecked = contract.unchecked?.filter(isKept);
  const documentRules = contract.documentRules?.filter(isKept);
  return Object.freeze({
    ...contract,
    columns: dictionary(kept),
    expectations: Object.freeze(expectations),
    ...(unchecked === undefined ? {} : { unchecked: Object.freeze(unchecked) }),
    ...(documentRules === undefined ? {} : { documentRules: Object.freeze(documentRules) }),
  });
}

/** The same contract for files in the default form, such as good rows. */
export function withoutFormat<C extends Contract>(contract: C): C {
  const { format: _, ...rest } = contract;
  // Only what may be absent is left out.
  return Object.freeze(rest) as C;
}

/** Columns by name, without a prototype, so that a column called `constructor` exists only if it was declared. */
function dictionary(entries: readonly (readonly [string, Column])[]): { readonly [name: string]: Column } {
  return Object.freeze(Object.setPrototypeOf(Object.fromEntries(entries), null));
}

/** Columns that an expectation declares or uses when it builds its SQL. */
export function columnsNamedBy(expectation: Expectation): ReadonlySet<string> {
  const named = new Set<string>(expectation.columns ?? []);
  if (expectation.column !== undefined) named.add(expectation.column);
  const note = (column: string): string => {
    named.add(column);
    return 'null';
  };
  expectation.sql({ table: 'rows', typed: note, typedAs: note, raw: note, constant: note, there: WRITTEN_THERE });
  return named;
}

function assertOptions(options: ContractOptions<unknown>): void {
  for (const option of Object.keys(options)) {
    if (!OPTIONS.includes(option)) {
      throw invalid(`defineContract() does not know the option "${option}". It knows: ${OPTIONS.join(', ')}.`);
    }
  }
  const { name, delimiter, evolution = 'evolve' } = options;
  if (!EVOLUTIONS.includes(evolution)) {
    throw invalid(
      `Contract "${name}": evolution is one of ${EVOLUTIONS.join(', ')}; got ${JSON.stringify(evolution)}.`,
    );
  }
  if (
    typeof name !== 'string' ||
    !/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u.test(name) ||
    [...name].length > NAME_LENGTH_MAX
  ) {
    throw invalid(
      `A contract's name is 1 to ${NAME_LENGTH_MAX} letters, digits, spaces, dots, dashes or underscores; got ${JSON.stringify(name)}.`,
    );
  }
  if (delimiter !== undefined && !Object.hasOwn(DELIMITERS, delimiter)) {
    throw invalid(`Contract "${name}": delimiter is a ${DELIMITERS_IN_WORDS}; got ${JSON.stringify(delimiter)}.`);
  }
}

const EVOLUTIONS: readonly string[] = ['evolve', 'discard', 'strict', 'freeze'] satisfies readonly Evolution[];

function assertColumns(contract: string, columns: { readonly [name: string]: Column }): void {
  const names = Object.keys(columns);
  if (names.length === 0) throw invalid(`Contract "${contract}" has no column. Name at least one.`);
  if (names.length > COLUMNS_MAX) {
    throw invalid(`Contract "${contract}" has ${names.length} columns; at most ${COLUMNS_MAX} can be checked.`);
  }
  const spellings = new Map<string, string>();
  for (const name of names) {
    if (name.trim() !== name || name === '' || /[\0\r\n"]/.test(name)) {
      throw invalid(
        `Contract "${contract}": a column's name has no outer space, quote or line end and is not empty; got ${JSON.stringify(name)}.`,
      );
    }
    if (RESERVED_NAME.test(name)) {
      throw invalid(
        `Contract "${contract}": "${name}" is a name that the check itself uses. Rename the column where the files are created.`,
      );
    }
    const spelling = name.normalize('NFC').toLowerCase();
    const other = spellings.get(spelling);
    // SQL identifiers are case-insensitive in DuckDB, and people cannot tell such columns apart either.
    if (other !== undefined) {
      throw invalid(
        `Contract "${contract}": columns "${other}" and "${name}" differ only in case or accents' encoding. Rename one.`,
      );
    }
    spellings.set(spelling, name);
  }
  assertAtMostOne(contract, { columns, role: 'label' });
  assertAtMostOne(contract, { columns, role: 'time' });
}

const ENVIRONMENT = /^[a-z][a-z0-9-]*$/;

function assertEnvironments(
  contract: string,
  { columns, environments = [] }: { columns: Asserted['columns']; environments: readonly string[] | undefined },
): void {
  const odd = environments.find((name) => typeof name !== 'string' || !ENVIRONMENT.test(name));
  if (odd !== undefined) {
    throw invalid(
      `Contract "${contract}": an environment is named by small letters, digits and dashes, such as serving; got ${JSON.stringify(odd)}.`,
    );
  }
  for (const [name, column] of Object.entries(columns)) {
    const unknown = column.environments?.find((environment) => !environments.includes(environment));
    if (unknown === undefined) continue;
    throw invalid(
      `Contract "${contract}": column "${name}" is in the environment "${unknown}", which the contract does not have. Name it in environments.`,
    );
  }
}

function assertAtMostOne(
  contract: string,
  { columns, role }: { columns: { readonly [name: string]: Column }; role: Role },
): void {
  const names = Object.keys(columns).filter((name) => columns[name]?.role === role);
  if (names.length <= 1) return;
  throw invalid(
    `Contract "${contract}" has ${names.length} columns with role '${role}' (${names.join(', ')}); at most one can be. Give the others role 'meta'.`,
  );
}

interface Asserted {
  readonly columns: { readonly [name: string]: Column };
  readonly expectations: readonly Expectation[];
}

/** The expectations, each with a unique name: the second of one kind for a column gets a number. */
function namedApart(contract: string, { columns, expectations }: Asserted): readonly Expectation[] {
  const known = dictionary(Object.entries(columns));
  const identityOf = ({ name, column = '' }: Pick<Expectation, 'name' | 'column'>): string => `${name} ${column}`;
  const given = new Set(expectations.map(identityOf));
  const named = new Map<string, Expectation>();
  const texts = new Set<string>();
  for (const expectation of expectations) {
    const text = JSON.stringify([expectation.maker, expectation.column, textOf(contract, { expectation, known })]);
    const isNamedByMaker = expectation.name === expectation.maker && !texts.has(text);
    texts.add(text);
    let unique = expectation;
    if (named.has(identityOf(expectation))) {
      if (!isNamedByMaker) {
        const identity = identityOf(expectation).trim();
        throw invalid(
          `Contract "${contract}" has the expectation "${identity}" twice. Give one another name, or remove it.`,
        );
      }
      for (let number = 2; named.has(identityOf(unique)) || given.has(identityOf(unique)); number++) {
        unique = Object.freeze({ ...expectation, name: `${expectation.maker}-${number}` });
      }
    }
    named.set(identityOf(unique), unique);
  }
  return [...named.values()];
}

/** An expectation as text: its SQL over the contract's columns, and its severity. */
function textOf(
  contract: string,
  { expectation, known }: { readonly expectation: Expectation; readonly known: Asserted['columns'] },
): string {
  for (const column of columnsNamedBy(expectation)) {
    if (known[column] !== undefined) continue;
    throw invalid(
      `Contract "${contract}": expectation "${expectation.name}" names the column "${column}", which the contract does not have. It has: ${Object.keys(known).join(', ')}.`,
    );
  }
  const kindOf = (column: string): ColumnKind => known[column]?.kind ?? 'text';
  const misfit = expectation.rule && maybeMisfit(expectation.rule, kindOf);
  if (misfit !== undefined) {
    throw new ContractError(
      'expectation_invalid',
      `Contract "${contract}": expectation "${expectation.name}" cannot be met: ${misfit}. Change the expectation or the column.`,
    );
  }
  return `${expectation.severity} ${expectation.sql(writtenNames(known))}`;
}

const WRITTEN_THERE: NamesThere = {
  keys: ({ dataset, there }) => `"{keys ${dataset} ${there.join(' ')}}"`,
  table: (dataset) => `"{table ${dataset}}"`,
  rows: (dataset) => `"{rows ${dataset}}"`,
};

/** Readable placeholders for names, where SQL is stored or compared but not run; a column's name contains no quote. */
export function writtenNames(columns: { readonly [name: string]: Column }): SqlNames {
  return {
    table: '"{table}"',
    typed: (column) => `"{typed ${column}}"`,
    typedAs: (column, kind) => `"{${kind} ${column}}"`,
    raw: (column) => `"{raw ${column}}"`,
    constant: (column, value) => maybeConstantSql(columns[column]?.kind ?? 'text', value),
    there: WRITTEN_THERE,
  };
}

function criticalityOf(contract: string, given: Partial<CriticalityRules> = {}): CriticalityRules {
  const rules = { mediumShare: 0.1, highShare: 0.5, ...given };
  const { mediumShare, highShare } = rules;
  if (!(mediumShare > 0 && mediumShare <= highShare && highShare <= 1)) {
    throw invalid(
      `Contract "${contract}": criticality expects 0 < mediumShare ≤ highShare ≤ 1; got ${mediumShare} and ${highShare}.`,
    );
  }
  return Object.freeze(rules);
}

function invalid(message: string): ContractError {
  return new ContractError('contract_invalid', message);
}
