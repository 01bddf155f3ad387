import type { FileInjector } from '../injector.ts';

/** A column that the contract does not know. */
export const extraColumn: FileInjector = {
  kind: 'extra-column',
  level: 'file',
  suits: () => true,
  plan: ({ contract, random }) => {
    const names = ['comment', 'source', 'exported_at', 'unnamed'].filter(
      (name) => contract.columns[name] === undefined,
    );
    const column = random.pick([...names, 'comment (new)']);
    return { column, header: (given) => [...given, column], row: (fields) => [...fields, 'x'] };
  },
};
