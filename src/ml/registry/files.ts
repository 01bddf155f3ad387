import { createHash } from 'node:crypto';
import type { ArtifactDriver } from '#store';
import { MlError } from '../errors.ts';

/** A file of a model version, whose bytes must match its digest. */
export async function readVerified(
  artifacts: ArtifactDriver,
  { file, digest }: { readonly file: string; readonly digest: string },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of await artifacts.read(digest)) chunks.push(Buffer.from(chunk));
  } catch (cause) {
    throw new MlError(
      'model_refused',
      `The file ${file} of the model (digest ${digest}) could not be read. Restore it, or train the model again.`,
      {
        cause,
      },
    );
  }
  const bytes = Buffer.concat(chunks);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === digest) return bytes;
  throw new MlError(
    'model_refused',
    `The file ${file} of the model should have digest ${digest} and has ${found}: it was changed or damaged. Restore it, or train the model again.`,
  );
}

export function parseJsonFile(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new MlError('model_refused', `The file ${file} of the model is no JSON.`, { cause });
  }
}
