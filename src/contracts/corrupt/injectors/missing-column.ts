import type { FileInjector } from '../injector.ts';

/** A column that the contract requires is missing. */
export const missingColumn: FileInjector = {
  kind: 'missing-column',
  level: 'file',
  suits: ({ columns }) => Object.keys(columns).length > 1,
  plan: ({ positions, random }) => {
    const [column, position] = random.pick([...positions]);
    const without = (fields: readonly string[]): readonly string[] => fields.toSpliced(position, 1);
    return { column, header: without, row: without };
  },
};
