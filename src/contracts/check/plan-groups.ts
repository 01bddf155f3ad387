import { groupsOf } from '../column-groups.ts';
import type { Contract, Expectation } from '../contract.ts';
import { columnsNamedBy } from '../define-contract.ts';
import type { HeaderMatch } from './match-header.ts';
import { type Condition, type Placed, type PlacedExpectations, placedExpectations } from './placed-expectations.ts';
import { columnsUsedBy, isDeclared } from './used-columns.ts';

/** One group: some columns of the file, and every expectation about them. */
export interface CheckGroup {
  /** Columns whose nulls and means are computed here, and their indexes among all columns of the file. */
  readonly counted: readonly { readonly name: string; readonly index: number }[];
  /** Columns of the contract that the statements may use: those, and others that the expectations compare them with. */
  readonly used: ReadonlySet<string>;
  readonly conditions: readonly Condition[];
  readonly tables: readonly Placed[];
}

export interface CheckPlan {
  /** Each column and each expectation is in exactly one of them. */
  readonly groups: readonly CheckGroup[];
}

/** A plan also grows with its conditions; this many per column are a group's share. */
const CONDITIONS_PER_COLUMN = 4;

/** Divides a contract into groups: a single one, unless it has many columns or conditions. */
export function planGroups(
  contract: Contract,
  {
    header,
    groupColumns,
    asked,
  }: {
    readonly header: HeaderMatch;
    readonly groupColumns: number;
    /** What alone is evaluated; everything, and the columns are counted, unless set. */
    readonly asked?: PlacedExpectations;
  },
): CheckPlan {
  const placed = asked ?? placedExpectations(contract, header);
  const present = (column: string): boolean => header.positions.has(column);
  const everything = Object.keys(contract.columns);
  const counted = groupsOf(
    everything.filter(present).map((name, index) => ({ name, index })),
    groupColumns,
  );
  const homes = new Map(counted.flatMap((columns, home) => columns.map(({ name }) => [name, home])));
  const homeOf = homeFinder(homes, counted.length);
  const conditionsBy = byHome(placed.conditions, homeOf);
  const tablesBy = byHome(placed.tables, homeOf);
  const groups = [...counted, []].flatMap((columns, home) => {
    const [own = [], ...more] = groupsOf(conditionsBy.get(home) ?? [], groupColumns * CONDITIONS_PER_COLUMN);
    const first = { counted: asked === undefined ? columns : [], conditions: own, tables: tablesBy.get(home) ?? [] };
    const others = more.map((conditions) => ({ counted: [], conditions, tables: [] }));
    return [first, ...others].filter((group, at) => (asked === undefined && at + home === 0) || !isEmpty(group));
  });
  const isWhole = groups.length === 1 && asked === undefined;
  return {
    groups: groups.map((group) => ({ ...group, used: isWhole ? new Set(everything) : usedBy(group, everything) })),
  };
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

type Draft = Omit<CheckGroup, 'used'>;

function isEmpty({ counted, conditions, tables }: Draft): boolean {
  return counted.length + conditions.length + tables.length === 0;
}

function usedBy({ counted, conditions, tables }: Draft, everything: readonly string[]): ReadonlySet<string> {
  const expectations = [...conditions, ...tables].map(({ expectation }) => expectation);
  return new Set([...counted.map(({ name }) => name), ...columnsUsedBy(expectations, everything)]);
}
