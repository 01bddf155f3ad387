import path from 'node:path';
import type { Contract } from '../contract.ts';
import type { Scan } from '../scan/scan-csv.ts';
import { addRowIds } from './add-row-ids.ts';
import type { HeaderMatch } from './match-header.ts';

const CANONICAL = 'with-ids.csv';
/** Of the file's digest; as many as keep the ids of a million files apart. */
const DIGEST_DIGITS = 16;

interface ScannedFile {
  readonly scan: Scan;
  readonly header: HeaderMatch;
}

/**
 * Gives each row an id when the contract generates ids and the file has none: from the file's digest and the row's place,
 * so that the same file gives the same ids whenever it is checked.
 */
export async function withGeneratedIds(
  { scan, header }: ScannedFile,
  { contract, work }: { readonly contract: Contract; readonly work: string },
): Promise<ScannedFile> {
  const column = header.missing.find((name) => {
    const about = contract.columns[name];
    return about?.kind === 'text' && about.generated === true;
  });
  if (column === undefined || scan.header === undefined) return { scan, header };
  const prefix = scan.source.digest.slice(0, DIGEST_DIGITS);
  const canonical = path.join(work, CANONICAL);
  // Canonical text has no faults, however long a record is.
  const recordBytesMax = Number.POSITIVE_INFINITY;
  const { delimiter } = contract;
  await addRowIds(scan.files.canonical, { into: canonical, column, delimiter, prefix, recordBytesMax });
  const recordBytesLongest = scan.recordBytesLongest + `${prefix}-${scan.records},`.length;
  return {
    scan: { ...scan, recordBytesLongest, files: { ...scan.files, canonical } },
    header: withFirst(column, header),
  };
}

/** The match of the file once the column stands before the others. */
function withFirst(column: string, header: HeaderMatch): HeaderMatch {
  const moved = [...header.positions].map(([name, position]) => [name, position + 1] as const);
  return {
    ...header,
    names: [column, ...header.names],
    positions: new Map([[column, 0], ...moved]),
    missing: header.missing.filter((name) => name !== column),
  };
}
