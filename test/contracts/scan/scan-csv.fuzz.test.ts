import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toRecord } from '../../../src/contracts/scan/fields.ts';
import { scanCsv } from '../../../src/contracts/scan/scan-csv.ts';
import { UndecodableError } from '../../../src/contracts/scan/undecodable-error.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { hostileFile, LATIN } from './hostile-file.ts';
import { type ReferenceReading, readReference } from './reference.ts';

const FILES = propertyRuns(300);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-fuzz-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function scanned(content: Buffer, index: number) {
  const file = path.join(folder, 'in.csv');
  const work = path.join(folder, String(index));
  await mkdir(work);
  await writeFile(file, content);
  const scan = await scanCsv({ path: file, folder: work, delimiter: ',' });
  const canonical = await readFile(scan.files.canonical, 'utf8');
  const rejected = (await readFile(scan.files.rejected, 'utf8')).trim();
  await rm(work, { recursive: true });
  const lines: { line: number; base64: string; offset: number }[] =
    rejected === '' ? [] : rejected.split('\n').map((line) => JSON.parse(line));
  return { scan, canonical, rejected: lines };
}

function canonicalOf({ header, rows }: ReferenceReading): string {
  return [header ?? [], ...rows.map(({ fields }) => fields)].map((fields) => `${toRecord(fields, ',')}\n`).join('');
}

/** Quotes that need not be there are kept in canonical text; compared is what it says. */
function normalised(canonical: string): string {
  return canonicalOf(readReference(Buffer.from(canonical)));
}

describe('scanCsv', () => {
  it(`reads ${FILES} hostile files as an independent, simpler reader does`, async () => {
    for (let index = 0; index < FILES; index++) {
      const content = hostileFile(index);
      const reference = readReference(content);
      const { scan, canonical, rejected } = await scanned(content, index);
      const where = `seed ${index}`;
      expect(scan.records + scan.rejected, where).toBe(reference.rows.length + reference.rejected.length);
      expect(normalised(canonical), where).toBe(canonicalOf(reference));
      expect(
        rejected.map(({ line, base64 }) => [line, Buffer.from(base64, 'base64').toString(LATIN)]),
        where,
      ).toEqual(reference.rejected.map(({ line, bytes }) => [line, bytes.toString(LATIN)]));
      for (const { offset, base64 } of rejected) {
        const bytes = Buffer.from(base64, 'base64');
        expect(content.subarray(offset, offset + bytes.length).equals(bytes), where).toBe(true);
      }
    }
  });

  it('refuses a file whose first line is broken rather than take a row for the header', async () => {
    await expect(scanned(Buffer.from('a,"b\n1,2\n'), -1)).rejects.toThrow(UndecodableError);
  });
});
