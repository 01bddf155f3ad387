import { createHash } from 'node:crypto';

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that differ for each name, and are the same in each run. */
export function bytesNamed(name: string, sizeBytes = 1000): Uint8Array {
  return Buffer.alloc(sizeBytes, createHash('sha256').update(name).digest());
}

export async function* inChunks(bytes: Uint8Array, sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}
