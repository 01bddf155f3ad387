import type { FileInjector } from '../injector.ts';

/** Not one byte. */
export const emptyFile: FileInjector = {
  kind: 'empty-file',
  level: 'file',
  suits: () => true,
  plan: () => ({ column: '', header: () => [], row: () => undefined, isEmpty: true }),
};
