import { describe, expect, it } from 'vitest';
import * as library from '../../../src/app/library.ts';
import * as contractLibrary from '../../../src/app/project/contract-library.ts';
import { weirUrl } from '../../../src/app/project/load-project.ts';
import { withSlimLibrary } from '../../../src/app/project/slim-library.ts';

const whole = JSON.stringify(weirUrl);
const slim = JSON.stringify(weirUrl.replace('app/library', 'app/project/contract-library'));

describe('the library of contracts', () => {
  it('has the makers of the whole library, the very same', () => {
    const all = new Map<string, unknown>(Object.entries(library));
    const own = Object.entries(contractLibrary);
    expect(own.length).toBeGreaterThan(50);
    expect(own.filter(([name, maker]) => all.get(name) !== maker)).toEqual([]);
  });
});

describe('withSlimLibrary', () => {
  it.each([
    ['import { category, defineContract } from W;', true],
    ['import { integer as whole, unique } from W;', true],
    ['import { defineContract, checkFile } from W;', false],
    ['import * as weir from W;', false],
    ['import { defineContract } from "zod";', false],
    ['const text = "import { unique } from W;";', false],
  ])('%s: takes the small library: %s', (line, isSlim) => {
    const code = `"use strict";\n${line.replace('W', whole)}\nexport {};\n`;
    expect(withSlimLibrary(code)).toBe(isSlim ? code.replace(whole, slim) : code);
  });
});
