import fc from 'fast-check';
import { defineFormat } from '../../../src/contracts/format/define-format.ts';
import type { FileFormat } from '../../../src/contracts/format/file-format.ts';

const DELIMITERS = [',', ';', '\t', '|', '^', '~', ':', ' ', '\u0001', '§', '||', '::', '¦', '→', '|@|'];

/** Settings of the structure of a file; those that contradict each other are tried again. */
export const STRUCTURES: fc.Arbitrary<FileFormat> = fc
  .record(
    {
      delimiter: fc.constantFrom(...DELIMITERS),
      quote: fc.constantFrom('"', "'", '`', '«', null),
      escape: fc.constantFrom('doubled', 'backslash'),
      headerRows: fc.constantFrom(0, 1, 1, 2, 3),
      skipLines: fc.constantFrom(0, 0, 1, 3),
      comment: fc.constantFrom('#', '//', '%', '--'),
      hasTrailingDelimiter: fc.boolean(),
      blanks: fc.constantFrom('kept', 'skipped', 'trimmed'),
    } as const,
    { requiredKeys: [] },
  )
  .filter((format) => isSound(format));

export function isSound(format: FileFormat): boolean {
  try {
    defineFormat('any', { format, delimiter: ',' });
    return true;
  } catch {
    return false;
  }
}
