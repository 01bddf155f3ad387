import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linesOf } from '#store';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-lines-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(text: string): Promise<readonly string[]> {
  const file = path.join(folder, 'lines.txt');
  await writeFile(file, text);
  const lines: string[] = [];
  for await (const line of linesOf(file)) lines.push(line);
  return lines;
}

describe('the lines of a file', () => {
  it.each([
    ['', []],
    ['\n', ['']],
    ['a', ['a']],
    ['a\n\nb', ['a', '', 'b']],
    ['a\u2028b\u2029c\rd\u0085e\n', ['a\u2028b\u2029c\rd\u0085e']],
  ])('end with a line feed and nothing else: %j', async (text, lines) => {
    expect(await read(text)).toEqual(lines);
  });

  it('are whole when they are longer than what is read at once', async () => {
    const lines = [1, 200_000, 0, 70_000, 65_536].map((length) => 'é'.repeat(length));
    expect(await read(lines.join('\n'))).toEqual(lines);
  });

  it('reject when the file cannot be read', async () => {
    await expect(linesOf(path.join(folder, 'absent.txt')).next()).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
