import type { FileInjector } from '../injector.ts';

/** The cells of two columns of different kinds are swapped, while the header is unchanged. */
export const swappedColumns: FileInjector = {
  kind: 'swapped-columns',
  level: 'file',
  suits: ({ columns }) => new Set(Object.values(columns).map(({ kind }) => kind)).size > 1,
  plan: ({ contract, positions, random }) => {
    const placed = [...positions];
    const [a, from] = random.pick(placed);
    const others = placed.filter(([name]) => contract.columns[name]?.kind !== contract.columns[a]?.kind);
    const [b, to] = random.pick(others.length > 0 ? others : placed);
    const swap = (fields: readonly string[]): readonly string[] =>
      fields.with(from, fields[to] ?? '').with(to, fields[from] ?? '');
    return { column: `${a}, ${b}`, header: (names) => names, row: swap };
  },
};
