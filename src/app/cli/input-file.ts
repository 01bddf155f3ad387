import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../project/errors.ts';

/** A file that was named on the command line, is there and may be read. */
export interface InputFile {
  readonly sizeBytes: number;
  /** Opens it when it is read, so that an error meets whoever reads it. */
  blocks(): AsyncGenerator<Uint8Array>;
}

/** Throws a UsageError for a file that is not there or does not open. */
export async function inputFile(file: string): Promise<InputFile> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true)
    throw new UsageError('usage_invalid', `Expected a file at ${path.resolve(file)}; there is none.`);
  try {
    await (await open(file)).close();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      'usage_invalid',
      `Expected a file that this user may read at ${path.resolve(file)}; it does not open: ${reason}.`,
    );
  }
  return {
    sizeBytes: found.size,
    blocks: async function* () {
      yield* createReadStream(file);
    },
  };
}
