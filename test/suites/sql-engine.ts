import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlEngine } from '#store';

/** What every engine does alike, whatever its SQL is. */
export function testSqlEngine(
  name: string,
  open: () => Promise<{ readonly engine: SqlEngine; close(): Promise<void> }>,
) {
  describe(name, () => {
    let engine: SqlEngine;
    let close: () => Promise<void>;
    let folder: string;
    beforeAll(async () => {
      ({ engine, close } = await open());
      folder = await mkdtemp(path.join(tmpdir(), 'weir-engine-'));
    });
    afterAll(async () => {
      await close();
      await rm(folder, { recursive: true, force: true });
    });

    it('writes Parquet and reads it again, of several folders', async () => {
      const paths = ['a', 'b'].map((part) => path.join(folder, part));
      for (const [part, target] of paths.entries())
        await engine.writeParquet(`select ${part} as part, 'x' as name union all select ${part}, null`, target);
      const files = name === 'spark' ? paths : paths.map((target) => `${target}/*.parquet`);
      await engine.viewParquet('weir_read', { paths: files, columns: ['part', 'name', 'part + 1 as next'] });
      expect(await engine.all('select part, name, next from weir_read order by part, name nulls last')).toEqual([
        { part: 0, name: 'x', next: 1 },
        { part: 0, name: null, next: 1 },
        { part: 1, name: 'x', next: 2 },
        { part: 1, name: null, next: 2 },
      ]);
      expect((await engine.describe('select * from weir_read')).map((column) => column.name)).toEqual([
        ...['part', 'name', 'next'],
      ]);
    });

    it('replaces a view, and refuses what it does not know', async () => {
      for (const value of [1, 2]) await engine.run(`create or replace temp view weir_one as select ${value} as v`);
      expect(await engine.all('select v from weir_one')).toEqual([{ v: 2 }]);
      await expect(engine.describe('select w from weir_one')).rejects.toThrow();
      await expect(engine.all('select * from weir_nothing')).rejects.toThrow();
    });

    it('writes into no folder that is there', async () => {
      const target = path.join(folder, 'once');
      await engine.writeParquet('select 1 as a', target);
      await expect(engine.writeParquet('select 2 as a', target)).rejects.toThrow();
    });
  });
}
