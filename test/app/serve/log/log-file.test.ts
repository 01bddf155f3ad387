import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLogFile } from '../../../../src/app/serve/log/log-file.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'weir-log-'));
  file = path.join(folder, 'logs', 'weir.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const linesOf = (name: string): string[] =>
  readFileSync(path.join(folder, 'logs', name), 'utf8')
    .split('\n')
    .slice(0, -1);

describe('the log file', () => {
  it('keeps every line, and continues where an earlier process ended', () => {
    for (const lines of [['a', 'b'], ['c']]) {
      const log = openLogFile(file, { sizeBytesMax: 1000, keptMax: 2 });
      for (const line of lines) log.write(`${line}\n`);
      log.close();
    }
    expect(linesOf('weir.log')).toEqual(['a', 'b', 'c']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('never takes more than its bound, and keeps the newest lines', () => {
    const log = openLogFile(file, { sizeBytesMax: 20, keptMax: 2 });
    for (let number = 10; number < 40; number += 1) log.write(`line ${number}\n`);
    log.close();
    expect(readdirSync(path.dirname(file)).sort()).toEqual(['weir.log', 'weir.log.1', 'weir.log.2']);
    const kept = ['weir.log.2', 'weir.log.1', 'weir.log'].flatMap(linesOf);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => `line ${40 - kept.length + index}`));
    for (const name of readdirSync(path.dirname(file)))
      expect(statSync(path.join(folder, 'logs', name)).size).toBeLessThanOrEqual(28);
  });

  it('loses no line when two processes write to it and one has moved it aside', () => {
    const options = { sizeBytesMax: 20, keptMax: 50 };
    const [server, command] = [openLogFile(file, options), openLogFile(file, options)];
    for (let number = 10; number < 40; number += 1) (number % 3 === 0 ? command : server).write(`line ${number}\n`);
    server.close();
    command.close();
    const all = readdirSync(path.dirname(file)).flatMap(linesOf).sort();
    expect(all).toEqual(Array.from({ length: 30 }, (_, index) => `line ${10 + index}`));
  });

  it('lets the process continue when nothing can be written', () => {
    mkdirSync(file, { recursive: true });
    const log = openLogFile(file, { sizeBytesMax: 1000, keptMax: 2 });
    expect(() => log.write('lost\n')).not.toThrow();
    log.close();
  });
});
