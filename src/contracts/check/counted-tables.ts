import type { Contract } from '../contract.ts';
import type { ColumnCounts } from '../kernel/kernel.ts';
import { isKernelKind } from '../kernel/kernel-kind.ts';
import { familyOf } from '../kinds/comparable.ts';
import { answerByCounters, type Counters, type TableAnswer } from '../rules/answer-by-counters.ts';
import { answerByHeader, type HeaderName } from '../rules/answer-by-header.ts';
import { type Counter, needsOf } from '../rules/needs.ts';
import { type HeaderMatch, shownName } from './match-header.ts';
import type { Placed } from './placed-expectations.ts';
import type { SweepDraft } from './sweep-draft.ts';

/** What a pass counted. */
export interface PassCounts {
  readonly records: number;
  /** By column of the plan. */
  readonly columns: ColumnCounts;
  /** By bit, how many rows have it. */
  readonly counts: Uint32Array;
  /** By bit, rows by value of those that violate it; undefined where there are too many values. */
  readonly tallies: ReadonlyMap<number, ReadonlyMap<string, number> | undefined>;
  /** Rows of other datasets, by their names. */
  readonly there: ReadonlyMap<string, number>;
}

/** An expectation of the whole file that the names of its columns or the counts of a pass decide. */
export interface CountedTable extends Placed {
  /** Undefined where the counts are not enough after all. */
  readonly answer: (counts: PassCounts) => TableAnswer | undefined;
}

interface Asking {
  readonly contract: Contract;
  readonly header: HeaderMatch;
  readonly draft: SweepDraft;
}

/** An expectation as counts decide it; undefined where only a database can. */
export function maybeCounted(placed: Placed, { contract, header, draft }: Asking): CountedTable | undefined {
  const { rule } = placed.expectation;
  if (rule?.over === 'header') {
    const names = headerNames(contract, header);
    return { ...placed, answer: () => answerByHeader(rule, names) };
  }
  if (rule?.over !== 'table') return undefined;
  const { counters, decidedBy, columns } = needsOf(rule, draft.kindOf);
  const [column = ''] = columns;
  if (decidedBy !== 'counters' || !counters.every((counter) => canCount(counter, { contract, draft, column }))) {
    return undefined;
  }
  const repeats = counters.includes('distinct') ? draft.bitOfRepeats(column) : undefined;
  if (counters.includes('categories')) draft.countCategories(column);
  // A reference tells values apart that the column does not name.
  const others = rule.test === 'near' || rule.test === 'divergence' ? draft.bitOfOthers(column) : undefined;
  const index = Object.keys(contract.columns)
    .filter((name) => header.positions.has(name))
    .indexOf(column);
  const wrong = draft.bitOfKind(column);
  return {
    ...placed,
    answer: (counts) => {
      const of = countersOf(counts, { index, column, contract, wrong, repeats, others });
      const isSummed = !counters.includes('sum') || counts.columns.summands[index] === of.values;
      const isTold = others === undefined || counts.tallies.get(others) !== undefined;
      const there = rule.test === 'rows-there' ? counts.there.get(rule.dataset) : undefined;
      return isSummed && isTold
        ? answerByCounters(rule, { ...of, ...(there === undefined ? {} : { there }) })
        : undefined;
    },
  };
}

interface Counting extends Pick<Asking, 'contract' | 'draft'> {
  readonly column: string;
}

function canCount(counter: Counter, { contract, draft, column }: Counting): boolean {
  const { kind = 'text', alwaysNull = false } = contract.columns[column] ?? {};
  const family = familyOf(kind);
  switch (counter) {
    case 'rows':
    case 'there':
      return true;
    case 'values':
      return !alwaysNull && (family === 'texts' || family === 'numbers' || draft.bitOfKind(column) !== undefined);
    case 'sum':
    case 'min':
    case 'max':
      return !alwaysNull && family === 'numbers';
    case 'distinct':
      // Texts would be read again for each row that repeats one.
      return !alwaysNull && family !== 'texts' && isKernelKind(kind) && draft.bitOfKind(column) !== undefined;
    case 'categories':
      return !alwaysNull && kind === 'category';
    default:
      return counter satisfies never;
  }
}

interface CountedColumn {
  readonly index: number;
  readonly column: string;
  readonly contract: Contract;
  readonly wrong: number | undefined;
  readonly repeats: number | undefined;
  readonly others: number | undefined;
}

function countersOf(
  { records, columns, counts, tallies }: PassCounts,
  { index, column, contract, wrong, repeats, others }: CountedColumn,
): Counters {
  const nulls = columns.nulls[index] ?? 0;
  const values = records - nulls - (wrong === undefined ? 0 : (counts[wrong] ?? 0));
  const { min = Number.POSITIVE_INFINITY, max = Number.NEGATIVE_INFINITY } = {
    min: columns.min[index],
    max: columns.max[index],
  };
  return {
    rows: records,
    values,
    sum: columns.sum[index] ?? 0,
    ...(min === Number.POSITIVE_INFINITY ? {} : { min }),
    ...(max === Number.NEGATIVE_INFINITY ? {} : { max }),
    ...(repeats === undefined ? {} : { distinct: values - (counts[repeats] ?? 0) }),
    categories: categoriesOf(columns.categories[index], {
      ...{ names: namesOf(contract, column), values },
      others: others === undefined ? undefined : tallies.get(others),
    }),
  };
}

function namesOf(contract: Contract, name: string): readonly string[] {
  const column = contract.columns[name];
  return column?.kind === 'category' ? column.categories : [];
}

interface Named {
  readonly names: readonly string[];
  /** Cells of the column that hold something. */
  readonly values: number;
  /** Rows by value without a name, where they were counted apart. */
  readonly others: ReadonlyMap<string, number> | undefined;
}

/** Rows by value; those of values without a name that were not told apart stand under one that no cell has. */
function categoriesOf(
  counts: Uint32Array | undefined,
  { names, values, others: apart }: Named,
): ReadonlyMap<string, number> {
  const named = names.map((name, index) => [name, counts?.[index] ?? 0] as const);
  if (apart !== undefined) return new Map([...named, ...apart]);
  const others = values - named.reduce((sum, [, count]) => sum + count, 0);
  return new Map([...named, ...(others > 0 ? [['\0', others] as const] : [])]);
}

export function headerNames(contract: Contract, header: HeaderMatch): readonly HeaderName[] {
  const expected = new Map(Object.keys(contract.columns).map((name, position) => [name, position]));
  const known = header.names.map((name, position): HeaderName => {
    const contractPosition = expected.get(name);
    if (contractPosition !== undefined) return { name, position, contractPosition };
    return { name: shownName(name, { position, contract }), position };
  });
  const missing = header.missing.map((name): HeaderName => {
    const contractPosition = expected.get(name);
    return contractPosition === undefined ? { name } : { name, contractPosition };
  });
  return [...known, ...missing];
}
