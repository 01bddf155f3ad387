import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canTestSpark, type SparkServer, startSpark } from '../../../spark/sail.ts';
import { runWeir } from './run-weir.ts';

describe.runIf(canTestSpark())('weir profile --engine spark', () => {
  let server: SparkServer;
  let folder: string;
  const at = (name: string): string => path.join(folder, name);
  const profile = (...args: readonly string[]) =>
    runWeir(['profile', ...args], folder, { WEIR_ENGINES__SPARK__URL: server.url });

  beforeAll(async () => {
    server = await startSpark();
    folder = await mkdtemp(path.join(tmpdir(), 'weir-profile-spark-'));
    await mkdir(at('raw'));
    await writeFile(at('raw/a.csv'), 'id,age,name\n1,20,"a\nb"\n2,,b\n9,9,9,9\n');
    await writeFile(at('raw/b.csv'), 'name,id\nb,3\n');
    await writeFile(at('one.csv'), 'id,age,name\n1,20,b\n');
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('prints for a folder what it prints without, and leaves nothing', async () => {
    const here = await profile('raw', '--json');
    const there = await profile('raw', '--json', '--engine', 'spark', '--work', 'work');
    expect(there).toEqual(here);
    expect(JSON.parse(there.out)).toMatchObject({ rows: 3, rejected: 1 });
    expect(await readdir(at('work'))).toEqual([]);
  });

  it('compares a file with a folder', async () => {
    const { code, out, err } = await profile('one.csv', '--compare', 'raw', '--engine', 'spark');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('Compared with raw (3 rows)');
  });

  it('says what is missing', async () => {
    expect((await profile('raw', '--work', 'work')).err).toContain('Expected --engine spark with --work');
    expect((await profile('raw', '--engine', 'spark', '--format', 'decimal=,')).err).toContain('Expected --contract');
    await writeFile(at('raw/c.csv'), '"id,age\n1,2\n');
    const { code, err } = await profile('raw', '--engine', 'spark');
    expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining('"raw" cannot be profiled: c.csv: ') });
  });
});
