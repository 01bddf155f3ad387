import type { Contract } from '../../contract.ts';
import type { FileInjector } from '../injector.ts';

/** Every number of a column is near its largest: each row is valid, but their distribution is not plausible. */
export const shiftedDistribution: FileInjector = {
  kind: 'shifted-distribution',
  level: 'file',
  suits: (contract) => boundedColumns(contract).length > 0,
  plan: ({ contract, positions, random, form }) => {
    const bounded = boundedColumns(contract).filter(({ name }) => positions.has(name));
    const { name, min, max, isWhole } = random.pick(bounded);
    const position = positions.get(name) ?? -1;
    const row = (fields: readonly string[]): readonly string[] => {
      if (form.seen(fields[position] ?? '') === '') return fields;
      const value = max - random.next() * (max - min) * 0.1;
      return fields.with(
        position,
        form.toText('number', String(isWhole ? Math.floor(value) : Number(value.toFixed(3)))),
      );
    };
    return { column: name, header: (names) => names, row };
  },
};

function boundedColumns({ columns }: Contract) {
  return Object.entries(columns).flatMap(([name, column]) => {
    if ((column.kind !== 'number' && column.kind !== 'integer') || column.unique || column.role === 'id') return [];
    const { min, max } = column;
    return min === undefined || max === undefined ? [] : [{ name, min, max, isWhole: column.kind === 'integer' }];
  });
}
