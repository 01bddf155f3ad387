import { partsOfName } from '../scan/file-name.ts';

/** One of the files that a file is split into. */
export interface PlannedPart {
  readonly name: string;
  readonly rows: number;
}

/**
 * Parts whose numbers of rows differ by at most one, named after the file: `people.csv.gz` becomes `people-1.csv.gz`
 * and so on.
 */
export function planParts(file: string, { files, rows }: { readonly files: number; readonly rows: number }) {
  const { name, ending: given } = partsOfName(file);
  // Parts are compressed with what every Node has.
  const ending = given.replace(/\.(zst|bz2|zip)$/i, '.gz');
  const digits = String(files).length;
  return Array.from({ length: files }, (_, index): PlannedPart => {
    const end = Math.floor(((index + 1) * rows) / files);
    return {
      name: `${name}-${String(index + 1).padStart(digits, '0')}${ending || '.csv'}`,
      rows: end - Math.floor((index * rows) / files),
    };
  });
}
