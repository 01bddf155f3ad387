import { readFile } from 'node:fs/promises';
import { StoreError, type StoreErrorCode } from './errors.ts';

/** Reads the certificates of the authorities that a setting trusts, in PEM. Throws with the code when it cannot. */
export async function readAuthorities(
  file: string,
  { of, setting, code }: { readonly of: string; readonly setting: string; readonly code: StoreErrorCode },
): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(
      code,
      `Could not read the certificates for ${of} in ${file} (${reason}). Correct ${setting}.`,
      {
        cause,
      },
    );
  }
}
