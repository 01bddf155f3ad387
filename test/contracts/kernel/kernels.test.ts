import { isUtf8 } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { webAssembly } from '#store';
import { seeded } from '../../../src/contracts/corrupt/random.ts';
import { openPlainKernel } from '../../../src/contracts/kernel/plain-kernel.ts';
import { openWasmKernel } from '../../../src/contracts/kernel/wasm-kernel.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { nearlyTyped } from '../nearly-typed.ts';
import { hostileFile } from '../scan/hostile-file.ts';
import { allOf, planOf } from './plans.ts';

if (webAssembly === undefined) throw new Error('This Node runs no WebAssembly.');
const runtime = webAssembly;

describe('the kernel in WebAssembly', () => {
  it('finds what the one in plain TypeScript finds, whatever the plan and however hostile the file', () => {
    for (let seed = 0; seed < propertyRuns(4000); seed++) {
      const random = seeded(seed);
      const file = hostileFile(seed);
      const fields = file.indexOf(',') < 0 ? 1 : 4;
      const plan = planOf(random, { fields });
      const start = random.next() < 0.5 ? 0 : file.indexOf(10) + 1;
      const cut = file.subarray(0, random.next() < 0.5 ? file.length : random.below(file.length));
      const options = { file: cut, start, isSound: isUtf8(cut) && !cut.includes(0) };
      expect(allOf(openWasmKernel(plan, runtime), options), `${seed}`).toEqual(allOf(openPlainKernel(plan), options));
    }
  });

  it('finds the same where a delimiter follows the last cells of some records', () => {
    let records = 0;
    for (let seed = 0; seed < propertyRuns(2000); seed++) {
      const random = seeded(seed);
      const text = hostileFile(seed).toString('latin1');
      const file = Buffer.from(
        text.replace(/\r?\n/g, (end) => `${random.next() < 0.7 ? ',' : ''}${end}`),
        'latin1',
      );
      const fields = random.pick([1, 3, 4, 5]);
      const plan = { ...planOf(random, { fields }), output: 'rewrite', hasTrailingDelimiter: true } as const;
      const options = { file, start: 0, isSound: isUtf8(file) && !file.includes(0) };
      const found = allOf(openWasmKernel(plan, runtime), options);
      expect(found, `${seed}`).toEqual(allOf(openPlainKernel(plan), options));
      records += found.length;
    }
    expect(records).toBeGreaterThan(1000);
  });

  it('reads numbers, moments and texts as the one in plain TypeScript reads them', () => {
    const texts = nearlyTyped(3, { count: 3000 });
    for (let seed = 0; seed < propertyRuns(60); seed++) {
      const random = seeded(seed);
      const plan = { ...planOf(random, { fields: 3, delimiter: 59 }), recordBytesMax: 1 << 20 };
      const cell = (): string => (random.next() < 0.2 ? `"${random.pick(texts)}"` : random.pick(texts));
      const lines = Array.from({ length: 400 }, () => `${cell()};${cell()};${cell()}\n`);
      const options = { file: Buffer.from(lines.join('')), start: 0, isSound: true };
      expect(allOf(openWasmKernel(plan, runtime), options), `${seed}`).toEqual(allOf(openPlainKernel(plan), options));
    }
  });
});
