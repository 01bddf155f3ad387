import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFile, type FileFormat, findFormat, profileFile, suggestContract } from '#contracts';
import type { DuckdbPool } from '#store';
import { fieldsOf } from '../../../src/contracts/scan/fields.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';
import { corpusOf } from './corpus.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-find-format-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

const FILES = corpusOf(24);

describe('findFormat', () => {
  it('meets a corpus of enough files', () => {
    expect(FILES.length).toBeGreaterThanOrEqual(60);
    expect(new Set(FILES.map(({ name }) => name)).size).toBe(FILES.length);
  });

  it.each(FILES.map((file) => [file.name, file] as const))(
    'finds how a file is written, so that a check reads every row: %s',
    async (_, given) => {
      const file = path.join(folder, 'f.csv');
      await writeFile(file, given.bytes);
      const found = await findFormat(file);
      expect({ delimiter: found.delimiter, ...found.format }).toMatchObject(essence(given.format));
      for (const setting of Object.keys(found.format ?? {}))
        expect(found.reasons.map((reason) => reason.setting)).toContain(setting);

      const profile = await profileFile({ path: file, duckdb, found });
      const contract = suggestContract(profile, {
        delimiter: found.delimiter,
        ...(found.format && { format: found.format }),
      });
      expect(
        Object.values(contract.columns)
          .map(({ kind }) => kind)
          .slice(0, 5),
      ).toEqual(['integer', 'date', 'timestamp', 'number', 'boolean']);
      const { result, files } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
      expect(result.rows).toEqual({ in: given.rows.length, good: given.rows.length, bad: 0, rejected: 0 });
      const [header = '', ...records] = (await readFile(files.good ?? '', 'utf8')).trimEnd().split('\n');
      if (given.names !== undefined) expect(fieldsOf(header, contract.delimiter)).toEqual(given.names);
      const cells = records.map((record) => fieldsOf(record, contract.delimiter));
      expect(cells.map(comparable)).toEqual(given.rows.map(comparable));
    },
  );
});

/** What must be found, where several settings may say the same. */
function essence(format: FileFormat): FileFormat {
  const { escape: _, ...rest } = format;
  return { ...rest, delimiter: format.delimiter ?? ',' };
}

/** A number and a moment may be written in several ways. */
function comparable(cells: readonly string[]): readonly (string | number)[] {
  return cells.map((cell, at) => {
    if (at === 2) return Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(cell) ? cell : `${cell}Z`);
    if (at === 4) return cell.toLowerCase();
    return at === 3 && cell !== '' ? Number(cell) : cell;
  });
}
