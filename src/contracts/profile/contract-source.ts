import type { Column, Contract } from '../contract.ts';

/** A contract as TypeScript for a project. Expectations are code and are left out. */
export function contractSource(contract: Contract): string {
  const makers = [...new Set(Object.values(contract.columns).map(({ kind }) => kind))].sort();
  const columns = Object.entries(contract.columns).map(([name, column]) => `    ${property(name)}: ${call(column)},`);
  const delimiter = contract.delimiter === ',' ? [] : [`  delimiter: ${quoted(contract.delimiter)},`];
  return [
    `import { ${['defineContract', ...makers].sort().join(', ')} } from 'weir';`,
    '',
    `export const contract = defineContract({`,
    `  name: ${quoted(contract.name)},`,
    ...delimiter,
    '  columns: {',
    ...columns,
    '  },',
    '});',
    '',
  ].join('\n');
}

function call(column: Column): string {
  const { kind, role, nullable, unique, severity, alwaysNull, ...rest } = column;
  const { categories, ...more } = { categories: undefined, ...rest };
  const options = {
    ...(role === 'feature' ? {} : { role }),
    ...(nullable && alwaysNull !== true ? { nullable } : {}),
    ...(unique ? { unique } : {}),
    ...(severity === 'fail' ? {} : { severity }),
    ...(alwaysNull === true ? { alwaysNull } : {}),
    ...more,
  };
  const named = Object.entries(options).map(([name, value]) => `${name}: ${written(value)}`);
  const given = [
    ...(categories === undefined ? [] : [written(categories)]),
    ...(named.length === 0 ? [] : [`{ ${named.join(', ')} }`]),
  ];
  return `${kind}(${given.join(', ')})`;
}

function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  return typeof value === 'string' ? quoted(value) : String(value);
}

function property(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== '__proto__' ? name : `[${quoted(name)}]`;
}

function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'").replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
}
