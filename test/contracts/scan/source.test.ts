import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSource, type SourceOptions } from '../../../src/contracts/scan/source.ts';
import { UndecodableError } from '../../../src/contracts/scan/undecodable-error.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-source-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(content: Buffer | string, options: SourceOptions = {}) {
  const file = path.join(folder, 'in.csv');
  await writeFile(file, content);
  const source = openSource(file, options);
  const blocks: Buffer[] = [];
  for await (const block of source.blocks()) blocks.push(Buffer.from(block));
  return { text: Buffer.concat(blocks).toString(), ...source.facts() };
}

/** A gzip whose first deflate block holds only the first byte, as a stream that is flushed at once makes. */
function flushedGzip(content: Buffer): Buffer {
  const whole = gzipSync(content);
  const first = deflateRawSync(content.subarray(0, 1), { finishFlush: constants.Z_SYNC_FLUSH });
  return Buffer.concat([whole.subarray(0, 10), first, deflateRawSync(content.subarray(1)), whole.subarray(-8)]);
}

describe('a compressed file', () => {
  it.each([257, 70_000, 3_000_000])('of %d bytes is read to its end', async (sizeBytes) => {
    const text = 'a,b\n'.repeat(sizeBytes / 4 + 1).slice(0, sizeBytes);
    expect(await read(gzipSync(text))).toMatchObject({ text, compressed: true });
  });

  it('of several members is their content, one after another', async () => {
    expect((await read(Buffer.concat([gzipSync('a,b\n1,2\n'), gzipSync('3,4\n')]))).text).toBe('a,b\n1,2\n3,4\n');
  });

  it.each([
    ['that is cut', gzipSync('a,b\n'.repeat(1000)).subarray(0, -9)],
    ['whose second member is cut', Buffer.concat([gzipSync('a,b\n'), gzipSync('1,2\n').subarray(0, -1)])],
    ['with other bytes behind it', Buffer.concat([gzipSync('a,b\n'), Buffer.from('1,2\n')])],
  ])('%s cannot be decoded', async (_, content) => {
    await expect(read(content)).rejects.toThrow(UndecodableError);
  });

  it('may expand to the given number of bytes at most', async () => {
    const bomb = gzipSync(Buffer.alloc(5000, 'x'));
    expect((await read(bomb, { decompressedBytesMax: 5000 })).text).toHaveLength(5000);
    await expect(read(bomb, { decompressedBytesMax: 4999 })).rejects.toThrow('expands to more than 4999 bytes');
  });

  it.each([
    ['UTF-8 with a mark', Buffer.from('\ufeffa,b\n1,é\n'), 'utf-8'],
    ['UTF-16 with a mark', Buffer.from('\ufeffa,b\n1,é\n', 'utf16le'), 'utf-16le'],
    ['UTF-16 without a mark', Buffer.from('a,b\n1,é\n', 'utf16le'), 'utf-16le'],
  ])('tells its encoding though its first block is a single byte: %s', async (_, content, encoding) => {
    expect(await read(flushedGzip(content))).toMatchObject({ text: 'a,b\n1,é\n', encoding });
  });
});

describe('line ends', () => {
  it.each([
    ['a,b\r1,2\r', 'a,b\n1,2\n'],
    ['a,b\r1,"2\r3"\r4,"5\n6"', 'a,b\n1,"2\n3"\n4,"5\n6"'],
    ['a,b\r\n1,2\r\n', 'a,b\r\n1,2\r\n'],
    ['a,b\n1,2\r3\n', 'a,b\n1,2\r3\n'],
    ['a,b\r1,2\n', 'a,b\r1,2\n'],
    ['"a\r",b\n1,2\n', '"a\r",b\n1,2\n'],
  ])('of %j are read as %j', async (content, text) => {
    expect((await read(content)).text).toBe(text);
    expect((await read(flushedGzip(Buffer.from(content)))).text).toBe(text);
    expect((await read(Buffer.from(content, 'utf16le'), { encoding: 'utf-16le' })).text).toBe(text);
  });

  it('may come after the first megabyte', async () => {
    const long = 'x'.repeat((1 << 20) - 1);
    expect((await read(`${long}\r\n1\r\n`)).text).toBe(`${long}\r\n1\r\n`);
  });
});

describe('the first block of a source', () => {
  it.each([
    ['a small file', 'a,b\n1,2\n'],
    ['a large file', `a,b\n${'1,2\n'.repeat(700_000)}`],
    ['an empty file', ''],
    ['a compressed file', gzipSync(`a,b\n${'1,2\n'.repeat(700_000)}`)],
  ])('is that which the blocks begin with: %s', async (_, content) => {
    const whole = await read(content);
    const source = openSource(path.join(folder, 'in.csv'), {});
    const first = (await source.first()).toString();
    const shares: number[] = [];
    const blocks: string[] = [];
    for await (const block of source.blocks((share) => shares.push(share))) blocks.push(block.toString());
    expect({ text: blocks.join(''), ...source.facts() }).toEqual(whole);
    expect(first).toBe(blocks[0] ?? '');
    expect(shares.at(-1)).toBe(whole.text === '' ? undefined : 1);
    expect(source.sizeBytes).toBe(whole.sizeBytes);
  });

  it.runIf(process.platform === 'linux')('may be all that is read', async () => {
    await read('a,b\n'.repeat(1_000_000));
    const open = (): number => readdirSync('/proc/self/fd').length;
    const before = open();
    const source = openSource(path.join(folder, 'in.csv'), {});
    await source.first();
    expect(open()).toBe(before + 1);
    await source.close();
    expect(open()).toBe(before);
  });
});
