/** What a file begins with, and what it is then. */
const SIGNATURES = [
  { kind: 'gzip', bytes: [0x1f, 0x8b] },
  { kind: 'Zstandard', bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { kind: 'bzip2', bytes: [0x42, 0x5a, 0x68] },
  { kind: 'zip', bytes: [0x50, 0x4b, 3, 4] },
  { kind: 'zip', bytes: [0x50, 0x4b, 5, 6] },
] as const;
export type Compression = (typeof SIGNATURES)[number]['kind'];

/** Behind the level of bzip2 comes the mark of a block, or of the end: without it a text may begin so. */
const BZIP2_MARKS = [
  [0x31, 0x41, 0x59, 0x26, 0x53, 0x59],
  [0x17, 0x72, 0x45, 0x38, 0x50, 0x90],
];
const BZIP2_MARK_AT = 4;
export const SIGNATURE_BYTES = 10;

/** How a file is compressed, by its first bytes; undefined when it is not. */
export function compressionOf(start: Uint8Array): Compression | undefined {
  const found = SIGNATURES.find(({ bytes }) => bytes.every((byte, at) => start[at] === byte))?.kind;
  const isMarked = BZIP2_MARKS.some((mark) => mark.every((byte, at) => start[BZIP2_MARK_AT + at] === byte));
  return found === 'bzip2' && !isMarked ? undefined : found;
}
