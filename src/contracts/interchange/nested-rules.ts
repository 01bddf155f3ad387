import type { Unchecked } from '../contract.ts';
import { asList, readRule } from './read-rule.ts';

interface Place {
  readonly path: string;
  readonly column: string;
}

type Part = Readonly<Record<string, unknown>>;

const REASON = 'it is about a part of a cell';
const FLAGS = ['required', 'unique', 'primaryKey'] as const;

/** The requirements of nested properties. A cell is read as a whole, so none of them is checked. */
export function partsOfCells(property: Part, { path, column }: Place): readonly Unchecked[] {
  const items = property.items === undefined || property.items === null ? [] : [['items', property.items] as const];
  const entries = isPart(property.map)
    ? Object.entries(property.map).map(([at, part]) => [`map.${at}`, part] as const)
    : [];
  const properties = asList(property.properties).map(
    (part, index) => [nameOf(part) ?? `properties[${index}]`, part] as const,
  );
  return [...properties, ...items, ...entries].flatMap(([name, part]) => {
    const place = { path: `${path}.${name}`, column };
    if (!isPart(part)) return [{ ...place, rule: `a property ${JSON.stringify(part)}`, reason: REASON }];
    return [...asksOf(part, place), ...partsOfCells(part, place)];
  });
}

function asksOf(part: Part, { path, column }: Place): readonly Unchecked[] {
  const options = isPart(part.logicalTypeOptions) ? Object.entries(part.logicalTypeOptions) : [];
  const asked = [
    ...FLAGS.filter((flag) => part[flag] === true).map((flag) => [flag, flag] as const),
    ...(part.enum === undefined ? [] : [['enum', `enum ${JSON.stringify(part.enum)}`] as const]),
    ...options.map(([name, value]) => [`logicalTypeOptions.${name}`, `${name} ${JSON.stringify(value)}`] as const),
    ...asList(part.quality).map((rule, index) => [`quality[${index}]`, readRule(rule).words] as const),
  ];
  return asked.map(([at, rule]) => ({ path: `${path}.${at}`, column, rule, reason: REASON }));
}

function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOf(part: unknown): string | undefined {
  return isPart(part) && typeof part.name === 'string' ? part.name : undefined;
}
