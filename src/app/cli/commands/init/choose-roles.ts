import {
  type ColumnProfile,
  type ColumnRoles,
  maybeRoleProblem,
  type Profile,
  proposeRoles,
  type SingleRole,
} from '#contracts';
import { maybeNearestName } from '#store';
import { UsageError } from '../../../project/errors.ts';

/** The columns that have a role, each with the reason. */
export interface ChosenRoles {
  readonly roles: ColumnRoles;
  readonly reasons: { readonly [R in SingleRole]?: string };
}

export interface ChooseRolesOptions {
  /** Columns named by the caller. */
  readonly named: ColumnRoles;
  /** Asks a person; absent where nobody can answer. */
  readonly ask?: (question: string) => Promise<string>;
}

interface Choice {
  readonly column: string;
  readonly reason: string;
}

const ROLES = ['label', 'id', 'time'] as const;
const QUESTIONS = {
  label: 'Which column is the label, the one to predict?',
  id: 'Which column is the id, which names each row?',
  time: 'Which column is the time, which dates each row?',
} as const;
/** The answer that leaves a role without a column. */
const NONE = '-';
const QUESTIONS_MAX = 5;
const NAMES_MAX = 20;

/**
 * The columns that are label, id and time: as named, or else as a person answers, or else as proposed. Throws a UsageError
 * when a column cannot have its role, or when there is no label and nobody to ask.
 */
export async function chooseRoles(profile: Profile, { named, ask }: ChooseRolesOptions): Promise<ChosenRoles> {
  const proposed = proposeRoles(profile);
  const chosen: Partial<Record<SingleRole, Choice>> = {};
  for (const role of ROLES) {
    const taken = Object.values(chosen).map(({ column }) => column);
    const proposal = proposed[role];
    const free = proposal === undefined || taken.includes(proposal.column) ? undefined : proposal;
    const given = named[role];
    if (given !== undefined)
      chosen[role] = { column: columnFor(role, { name: given, profile, taken }), reason: `named with --${role}` };
    else if (ask !== undefined) {
      const choice = await askFor(role, { profile, taken, proposal: free, ask });
      if (choice !== undefined) chosen[role] = choice;
    } else if (role === 'label' && free?.isSure !== true) throw labelMissing(profile);
    else if (free !== undefined) chosen[role] = free;
  }
  const entries = Object.entries(chosen);
  return {
    roles: Object.fromEntries(entries.map(([role, { column }]) => [role, column])),
    reasons: Object.fromEntries(entries.map(([role, { reason }]) => [role, reason])),
  };
}

interface Asking {
  readonly profile: Profile;
  readonly taken: readonly string[];
  readonly proposal: Choice | undefined;
  readonly ask: (question: string) => Promise<string>;
}

/** Asks until the answer is a column that can have the role; an empty answer takes the proposal. */
async function askFor(role: SingleRole, { profile, taken, proposal, ask }: Asking): Promise<Choice | undefined> {
  const isNeeded = role === 'label';
  const none = isNeeded ? '' : `, ${NONE} for none`;
  const byDefault = proposal === undefined ? (isNeeded ? '' : ' [none]') : ` [${proposal.column}: ${proposal.reason}]`;
  let trouble = '';
  for (let asked = 0; asked < QUESTIONS_MAX; asked += 1) {
    const answer = (await ask(`${trouble}${QUESTIONS[role]}${byDefault}${none}: `)).trim();
    if (answer === '' && (proposal !== undefined || !isNeeded)) return proposal;
    if (answer === NONE && !isNeeded) return undefined;
    try {
      return { column: columnFor(role, { name: answer, profile, taken }), reason: 'your answer' };
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      trouble = `${error.message}\n`;
    }
  }
  throw new UsageError('usage_invalid', `${trouble.trim()} Nothing was written.`);
}

interface Naming {
  readonly name: string;
  readonly profile: Profile;
  readonly taken: readonly string[];
}

/** The profiled column that a person names; throws when there is none, or when it cannot have the role. */
function columnFor(role: SingleRole, { name, profile, taken }: Naming): string {
  const column =
    profile.columns.find((each) => each.name === name) ?? profile.columns.find((each) => each.header === name);
  if (column === undefined) {
    const names = profile.columns.map((each) => each.name);
    const nearest = maybeNearestName(name, names);
    const hint = nearest === undefined ? `It has ${listed(names)}` : `Did you mean ${nearest}`;
    throw new UsageError(
      'usage_invalid',
      `Expected a column of ${profile.file} as ${role}, and it has none called ${JSON.stringify(name)}. ${hint}${nearest === undefined ? '.' : '?'}`,
    );
  }
  const problem = taken.includes(column.name)
    ? 'it has another role already'
    : maybeRoleProblem(column, { role, rows: profile.rows });
  if (problem === undefined) return column.name;
  throw new UsageError(
    'usage_invalid',
    `${column.name} cannot be the ${role}: ${problem}. ${candidates(profile, role)}`,
  );
}

function labelMissing(profile: Profile): UsageError {
  return new UsageError(
    'usage_invalid',
    `Expected --label <column>, the column to predict: nothing in ${profile.file} says which it is, and there is no terminal to ask on. ${candidates(profile, 'label')}`,
  );
}

function candidates(profile: Profile, role: SingleRole): string {
  const fits = (column: ColumnProfile): boolean => maybeRoleProblem(column, { role, rows: profile.rows }) === undefined;
  const idName = role === 'label' ? proposeRoles(profile).id?.column : undefined;
  const names = profile.columns.filter((column) => column.name !== idName && fits(column)).map(({ name }) => name);
  return names.length === 0 ? 'No column can be it.' : `It can be ${listed(names)}.`;
}

function listed(names: readonly string[]): string {
  const more = names.length > NAMES_MAX ? ` and ${names.length - NAMES_MAX} more` : '';
  return `${names.slice(0, NAMES_MAX).join(', ')}${more}`;
}
