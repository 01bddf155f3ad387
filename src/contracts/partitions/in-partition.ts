import { UndecodableError } from '../scan/undecodable-error.ts';
import type { DatasetPartition } from './check-partitions-options.ts';

/** Works with a file of a dataset; an error about what it holds names it. */
export async function inPartition<T>({ name, use }: DatasetPartition, work: (file: string) => Promise<T>): Promise<T> {
  try {
    return await use(work);
  } catch (error) {
    if (error instanceof UndecodableError) throw new UndecodableError(`${name}: ${error.message}`, { cause: error });
    throw error;
  }
}
