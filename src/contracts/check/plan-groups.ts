import { groupsOf } from '../column-groups.ts';
import type { Contract, Expectation } from '../contract.ts';
import { columnsNamedBy } from '../define-contract.ts';
import type { HeaderMatch } from './match-header.ts';
import type { Condition, Placed, PlacedExpectations } from './placed-expectations.ts';
import { columnsAskedBy, isDeclared } from './used-columns.ts';

/** One group: some columns of the file, and every expectation about them that SQL is asked. */
export interface CheckGroup {
  /** Columns of the contract that the statements may use. */
  readonly used: ReadonlySet<string>;
  readonly conditions: readonly Condition[];
  readonly tables: readonly Placed[];
}

export interface CheckPlan {
  /** Each expectation is in exactly one of them. */
  readonly groups: readonly CheckGroup[];
}

export interface PlanGroupsOptions {
  readonly contract: Contract;
  readonly header: HeaderMatch;
  readonly groupColumns: number;
}

/** A plan also grows with its conditions; this many per column are a group's share. */
const CONDITIONS_PER_COLUMN = 4;

/** Divides expectations into groups: a single one, unless there are many columns or conditions. */
export function planGroups(
  asked: PlacedExpectations,
  { contract, header, groupColumns }: PlanGroupsOptions,
): CheckPlan {
  const everything = Object.keys(contract.columns);
  const present = groupsOf(
    everything.filter((column) => header.positions.has(column)),
    groupColumns,
  );
  const homes = new Map(present.flatMap((columns, home) => columns.map((name) => [name, home])));
  const homeOf = homeFinder(homes, present.length);
  const conditionsBy = byHome(asked.conditions, homeOf);
  const tablesBy = byHome(asked.tables, homeOf);
  const groups = [...present, []].flatMap((_, home) => {
    const [own = [], ...more] = groupsOf(conditionsBy.get(home) ?? [], groupColumns * CONDITIONS_PER_COLUMN);
    const first = { conditions: own, tables: tablesBy.get(home) ?? [] };
    const others = more.map((conditions) => ({ conditions, tables: [] }));
    return [first, ...others].filter(({ conditions, tables }) => conditions.length + tables.length > 0);
  });
  return { groups: groups.map((group) => ({ ...group, used: usedBy(group, everything) })) };
}

/** The group of the first column that an expectation names; behind all groups for one that may look at every column. */
function homeFinder(homes: ReadonlyMap<string, number>, groups: number): (expectation: Expectation) => number {
  return (expectation) => {
    if (groups === 1) return 0;
    if (!isDeclared(expectation)) return groups;
    const [first = ''] = columnsNamedBy(expectation);
    return homes.get(first) ?? 0;
  };
}

function byHome<P extends Placed>(
  placed: readonly P[],
  homeOf: (expectation: Expectation) => number,
): ReadonlyMap<number, readonly P[]> {
  const found = new Map<number, P[]>();
  for (const each of placed) {
    const home = homeOf(each.expectation);
    const others = found.get(home);
    if (others === undefined) found.set(home, [each]);
    else others.push(each);
  }
  return found;
}

function usedBy({ conditions, tables }: Omit<CheckGroup, 'used'>, everything: readonly string[]): ReadonlySet<string> {
  return columnsAskedBy(
    [...conditions, ...tables].map(({ expectation }) => expectation),
    everything,
  );
}
