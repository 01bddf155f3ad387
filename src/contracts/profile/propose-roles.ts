import type { ColumnKind, Role } from '../contract.ts';
import type { ColumnProfile, Profile } from './profile.ts';
import { isText } from './value-kinds.ts';

/** A column for a role, and why. */
export interface ProposedRole {
  readonly column: string;
  /** Stands in parentheses behind the column. */
  readonly reason: string;
  /** False for the last resort, which a person should confirm. */
  readonly isSure: boolean;
}

/** The roles that one column of a dataset has. */
export type SingleRole = Extract<Role, 'id' | 'label' | 'time'>;

/** Names of profiled columns by role. */
export type ColumnRoles = { readonly [R in SingleRole]?: string };

/** A label of whole numbers with at most this many different values is a class. */
const NUMBERED_CLASSES_MAX = 10;
const CLASSES_MAX = 100;
/** Whole numbers with few different values are classes when each occurs at least this often on average. */
const ROWS_PER_CLASS = 5;

const NAMED_LIKE = {
  id: /(^|[^a-z])(id|key|number|no)$|[a-z]Id$|^ID$/,
  label: /^(label|target|class|outcome|response|result|y)$/i,
  time: /(^|[^a-z])(time|date|day|at|on|timestamp)$|[a-z](Time|Date|At|On)$/,
} as const;

/** Proposes the id, the label and the time of a dataset. A role without a fitting column is absent. */
export function proposeRoles(profile: Profile): { readonly [R in SingleRole]?: ProposedRole } {
  const id = maybeId(profile);
  const label = maybeLabel(profile, id?.column);
  const time = maybeTime(profile, label?.column);
  return { ...(id && { id }), ...(label && { label }), ...(time && { time }) };
}

/** Why a column cannot have the role; undefined when it can. */
export function maybeRoleProblem(column: ColumnProfile, { role, rows }: { role: SingleRole; rows: number }) {
  switch (role) {
    case 'id':
      return idProblem(column, rows);
    case 'label':
      return labelProblem(column);
    case 'time':
      return isMoment(column) ? undefined : `it is of kind ${column.kind}, not date or timestamp`;
    default:
      return role satisfies never;
  }
}

/** The classes of a column as a label; undefined for one that is a number. */
export function maybeClasses(column: ColumnProfile, rows: number): readonly string[] | undefined {
  const { kind, distinct, top = [], nulls } = column;
  if (top.length !== distinct || distinct === 0) return undefined;
  const values = top.map(({ value }) => value);
  if (kind === 'text' || kind === 'category') return values.sort();
  const areClasses =
    kind === 'integer' && distinct <= NUMBERED_CLASSES_MAX && rows - nulls >= distinct * ROWS_PER_CLASS;
  return areClasses ? values.sort((a, b) => Number(a) - Number(b)) : undefined;
}

function idProblem({ kind, nulls, distinct, distinctIsExact }: ColumnProfile, rows: number): string | undefined {
  if (kind !== 'integer' && kind !== 'text' && kind !== 'category') return `it is of kind ${kind}, not text or integer`;
  if (nulls > 0) return `it is empty in ${nulls} of ${rows} rows`;
  if (!distinctIsExact || distinct < rows) return `it has ${distinct} different values in ${rows} rows`;
  return undefined;
}

function labelProblem({ kind, distinct, top = [] }: ColumnProfile): string | undefined {
  if (distinct < 2) return `it has ${distinct === 0 ? 'no value' : 'one value only'}`;
  if (!isPredicted(kind)) return `it is of kind ${kind}, which no model predicts`;
  if ((kind === 'text' || kind === 'category') && (distinct > CLASSES_MAX || top.length < distinct))
    return `it has ${distinct} different texts, and a label has ${CLASSES_MAX} classes at most`;
  return undefined;
}

/** Labels are categories, booleans and numbers, or texts of few classes. */
const isPredicted = (kind: ColumnKind): boolean =>
  isText(kind) || kind === 'boolean' || kind === 'number' || kind === 'integer';

const isMoment = ({ kind }: ColumnProfile): boolean => kind === 'date' || kind === 'timestamp';

function maybeId({ columns, rows }: Profile): ProposedRole | undefined {
  if (rows < 2) return undefined;
  const fitting = columns.filter((column) => idProblem(column, rows) === undefined);
  const named = fitting.find(({ name }) => NAMED_LIKE.id.test(name) || /^(id|key|number|no)$/i.test(name));
  if (named !== undefined)
    return { column: named.name, isSure: true, reason: 'named like an id, and no value occurs twice' };
  const [first] = columns;
  if (first === undefined || !fitting.includes(first)) return undefined;
  const { kind, numbers } = first;
  if (kind !== 'integer')
    return { column: first.name, isSure: true, reason: 'the first column, and no value occurs twice' };
  // Any column of large whole numbers may have no value twice; one that counts the rows is no chance.
  const isCount = numbers !== undefined && numbers.max - numbers.min === rows - 1;
  return isCount ? { column: first.name, isSure: true, reason: 'it numbers the rows' } : undefined;
}

function maybeLabel({ columns }: Profile, id: string | undefined): ProposedRole | undefined {
  const fitting = columns.filter((column) => column.name !== id && labelProblem(column) === undefined);
  const [named, ...more] = fitting.filter(({ name }) => NAMED_LIKE.label.test(name));
  if (named !== undefined) return { column: named.name, isSure: more.length === 0, reason: 'named like a label' };
  const last = fitting.at(-1);
  return last && { column: last.name, isSure: false, reason: 'the last column that can be one' };
}

function maybeTime({ columns }: Profile, label: string | undefined): ProposedRole | undefined {
  const fitting = columns.filter((column) => {
    return isMoment(column) && column.name !== label && column.nulls === 0 && column.distinct > 1;
  });
  const named = fitting.find(({ name }) => NAMED_LIKE.time.test(name));
  const found = named ?? fitting[0];
  if (found === undefined) return undefined;
  const reason = fitting.length === 1 ? 'the only' : named === undefined ? 'the first' : 'named like a time, a';
  return { column: found.name, isSure: true, reason: `${reason} column of dates without a gap` };
}
