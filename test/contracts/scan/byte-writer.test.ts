import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ByteWriter } from '../../../src/contracts/scan/byte-writer.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-writer-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const RECORD_BYTES = 4_000;

describe('ByteWriter', () => {
  it('gives each record back, from the file, from memory, and where it lies in both', async () => {
    const writer = new ByteWriter(path.join(folder, 'records.csv'));
    const records = Array.from({ length: 1_500 }, (_, id) => {
      const length = id % 3 === 0 ? RECORD_BYTES : id % 90;
      return `${id},"${'line\n'.repeat(Math.floor(length / 5))}",""""`;
    });
    const places: number[] = [];
    let wrong = 0;
    for (const [id, record] of records.entries()) {
      places.push(writer.length);
      writer.appendText(`${record}\n`);
      await writer.flush();
      // Of the last ones, of which some are not written yet, and of an early one.
      for (const other of [id, id - 1, id - 7, Math.floor(id / 2), 0])
        if (writer.recordAt(places[other] ?? 0) !== records[Math.max(0, other)]) wrong += 1;
    }
    expect(writer.length).toBeGreaterThan(2 ** 20);
    expect(wrong).toBe(0);
    await writer.close();
  });
});
