import type { Unchecked } from '../contract.ts';
import { keysIn } from '../expectations/other-datasets.ts';
import { DATASET_NAME } from '../rules/rule.ts';
import type { Asked } from './asked-by-rules.ts';
import type { OdcsSchema } from './odcs.ts';
import { asList } from './read-rule.ts';

/** A reference of columns to those of another table. */
interface Relationship {
  /** Its path in the document. */
  readonly path: string;
  /** The property that it stands in; absent for one of the table. */
  readonly column?: string;
  /** As it stands in the document. */
  readonly given: unknown;
}

interface Place {
  /** Names of the datasets that a check is given. */
  readonly datasets: readonly string[];
  readonly columns: ReadonlySet<string>;
}

/**
 * The relationships of a schema object and of its properties: those with datasets that a check is given are keys that must be
 * there, and the others are not checked.
 */
export function askedByRelationships(schema: OdcsSchema, place: Place): readonly Asked[] {
  const listed = (path: string, relationships: unknown, column?: string): readonly Relationship[] =>
    asList(relationships).map((given, index) => ({
      ...{ path: `${path}.relationships[${index}]`, given },
      ...(column === undefined ? {} : { column }),
    }));
  const all = [
    ...schema.properties.flatMap(({ name, relationships }) => listed(`${schema.name}.${name}`, relationships, name)),
    ...listed(schema.name, schema.relationships),
  ];
  return all.map((relationship) => askedBy(relationship, place));
}

function askedBy(relationship: Relationship, { datasets, columns }: Place): Asked {
  const { column, given } = relationship;
  const { from, to } = typeof given === 'object' && given !== null ? (given as Readonly<Record<string, unknown>>) : {};
  const here = column === undefined ? asList(from).map(maybePlace) : [{ table: '', column }];
  const there = asList(to).map(maybePlace);
  const [dataset] = new Set(there.map((each) => each?.table));
  const isWhole =
    here.length > 0 &&
    here.length === there.length &&
    here.every((each) => each !== undefined && columns.has(each.column)) &&
    there.every((each) => each !== undefined && each.table === dataset);
  if (!isWhole || dataset === undefined || !DATASET_NAME.test(dataset)) {
    return unchecked(relationship, 'it is about another table, in a form that the check does not know');
  }
  if (!datasets.includes(dataset)) {
    return unchecked(relationship, `it is about another table: --reference ${dataset}=<file> checks it`);
  }
  const rule = keysIn(
    here.map((each) => each?.column ?? ''),
    { dataset, columnsThere: there.map((each) => each?.column ?? '') },
  );
  return { expectations: [rule], unchecked: [] };
}

function unchecked({ path, column }: Relationship, reason: string): Asked {
  const described: Unchecked = { path, ...(column === undefined ? {} : { column }), rule: 'a relationship', reason };
  return { expectations: [], unchecked: [described] };
}

/** A column of a table: `customers.id`, or `schema/customers/properties/id`. */
function maybePlace(text: unknown): { readonly table: string; readonly column: string } | undefined {
  if (typeof text !== 'string') return undefined;
  const [, table, column] =
    /^(?:\/?schema\/)([^/]+)\/properties\/([^/]+)$/.exec(text) ?? /^([^./]+)\.([^./]+)$/.exec(text) ?? [];
  return table === undefined || column === undefined ? undefined : { table, column };
}
