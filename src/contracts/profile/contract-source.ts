import type { Column, Contract } from '../contract.ts';
import { isDecimal, sizeOf } from '../kinds/decimal.ts';

/** A contract as TypeScript, in parts. */
export interface ContractText {
  /** Names that it imports, sorted. */
  readonly imports: readonly string[];
  /** `export const contract = …`, with a line end. */
  readonly definition: string;
}

/** A contract as TypeScript for a project. Expectations are code and are left out. */
export function contractSource(contract: Contract): string {
  const { imports, definition } = contractText(contract);
  return `import { ${imports.join(', ')} } from 'weir';\n\n${definition}`;
}

/** The same in parts; `withUnits` adds a comment to fill in behind each number without a unit. */
export function contractText(contract: Contract, { withUnits = false } = {}): ContractText {
  const makers = Object.values(contract.columns).flatMap(makersOf);
  const columns = Object.entries(contract.columns).map(([name, column]) => {
    const comment = withUnits && lacksUnit(column) ? " // unit: ''" : '';
    return `    ${property(name)}: ${call(column)},${comment}`;
  });
  const delimiter = contract.delimiter === ',' ? [] : [`  delimiter: ${textSource(contract.delimiter)},`];
  const format = contract.format === undefined ? [] : [`  format: ${written(contract.format)},`];
  const lines = [
    `export const contract = defineContract({`,
    `  name: ${textSource(contract.name)},`,
    ...delimiter,
    ...format,
    '  columns: {',
    ...columns,
    '  },',
    '});',
    '',
  ];
  return { imports: [...new Set(['defineContract', ...makers])].sort(), definition: lines.join('\n') };
}

/** The functions that make a column and what is in it. */
function makersOf(column: Column): readonly string[] {
  const own = isDecimal(column.kind) ? 'decimal' : column.kind;
  if (column.kind === 'list') return [own, ...makersOf(column.of)];
  return column.kind === 'struct' ? [own, ...Object.values(column.fields).flatMap(makersOf)] : [own];
}

const lacksUnit = ({ kind, unit, role }: Column): boolean =>
  (kind === 'number' || kind === 'integer') && unit === undefined && role !== 'id';

function call(column: Column): string {
  const { kind, role, nullable, unique, severity, alwaysNull, ...rest } = column;
  const { categories, of, fields, ...more } = { categories: undefined, of: undefined, fields: undefined, ...rest };
  const options = {
    ...(role === 'feature' ? {} : { role }),
    ...(nullable && alwaysNull !== true ? { nullable } : {}),
    ...(unique ? { unique } : {}),
    ...(severity === 'fail' ? {} : { severity }),
    ...(alwaysNull === true ? { alwaysNull } : {}),
    ...(isDecimal(kind) ? sizeOf(kind) : {}),
    ...more,
  };
  const named = Object.entries(options).map(([name, value]) => `${name}: ${written(value)}`);
  const given = [
    ...(categories === undefined ? [] : [written(categories)]),
    ...(of === undefined ? [] : [call(of)]),
    ...(fields === undefined ? [] : [fieldsSource(fields)]),
    ...(named.length === 0 ? [] : [`{ ${named.join(', ')} }`]),
  ];
  return `${isDecimal(kind) ? 'decimal' : kind}(${given.join(', ')})`;
}

function fieldsSource(fields: { readonly [name: string]: Column }): string {
  return `{ ${Object.entries(fields)
    .map(([name, field]) => `${property(name)}: ${call(field)}`)
    .join(', ')} }`;
}

function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([name, each]) => `${property(name)}: ${written(each)}`);
    return `{ ${fields.join(', ')} }`;
  }
  return typeof value === 'string' ? textSource(value) : String(value);
}

function property(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== '__proto__' ? name : `[${textSource(name)}]`;
}

/** A text as a literal of TypeScript. */
export function textSource(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'").replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
}
