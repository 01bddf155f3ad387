import { createHash } from 'node:crypto';
import { appendFileSync, truncateSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scanCsv } from '../../../src/contracts/scan/scan-csv.ts';

const ROWS = Array.from({ length: 200_000 }, (_, id) => `${id},${'x'.repeat(20)}`);
const CONTENT = `id,text\n${ROWS.join('\n')}\n`;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-changing-'));
  file = path.join(folder, 'in.csv');
  await writeFile(file, CONTENT);
  await mkdir(path.join(folder, 'work'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Scans the file, and changes it once the header has been read, while the second megabyte is on its way. */
async function scanWhile(change: () => void) {
  const rename = (names: readonly string[]): readonly string[] => {
    change();
    return names;
  };
  const scan = await scanCsv({ path: file, folder: path.join(folder, 'work'), delimiter: ',', rename });
  return { scan, canonical: await readFile(scan.files.canonical, 'utf8') };
}

describe('a file that changes while it is read', () => {
  it('and grows is what was read of it: digest, size and rows agree', async () => {
    const added = '900000,late\n900001,late\n';
    const { scan, canonical } = await scanWhile(() => appendFileSync(file, added));
    expect(canonical).toBe(CONTENT + added);
    expect(scan).toMatchObject({ records: 200_002, rejected: 0 });
    expect(scan.source).toMatchObject({
      sizeBytes: CONTENT.length + added.length,
      digest: createHash('sha256').update(canonical).digest('hex'),
    });
  });

  it('and shrinks in the middle of a row keeps the rows before, and rejects the half one', async () => {
    const kept = CONTENT.indexOf('\n150000,') + 4;
    const { scan, canonical } = await scanWhile(() => truncateSync(file, kept));
    expect(scan).toMatchObject({ records: 150_000, rejected: 1 });
    expect(canonical).toBe(CONTENT.slice(0, CONTENT.indexOf('\n150000,') + 1));
    expect(scan.source).toMatchObject({
      sizeBytes: kept,
      digest: createHash('sha256').update(CONTENT.slice(0, kept)).digest('hex'),
    });
  });
});
