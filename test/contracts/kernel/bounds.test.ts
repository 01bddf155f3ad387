import { isUtf8 } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { type KernelMemory, type WebAssemblyRuntime, webAssembly } from '#store';
import { seeded } from '../../../src/contracts/corrupt/random.ts';
import type { Kernel, KernelResult } from '../../../src/contracts/kernel/kernel.ts';
import { layOut } from '../../../src/contracts/kernel/layout.ts';
import { recordsMaxOf, textMaxOf } from '../../../src/contracts/kernel/limits.ts';
import { openKernel } from '../../../src/contracts/kernel/open-kernel.ts';
import { openPlainKernel } from '../../../src/contracts/kernel/plain-kernel.ts';
import type { KernelPlan } from '../../../src/contracts/kernel/plan.ts';
import { openWasmKernel } from '../../../src/contracts/kernel/wasm-kernel.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { hostileFile } from '../scan/hostile-file.ts';
import { allOf, planOf, toPlain } from './plans.ts';

if (webAssembly === undefined) throw new Error('This Node runs no WebAssembly.');
const runtime = webAssembly;

const GUARD = 0xa5;
/** The kernel may read and write so far behind a block, and behind what it writes. */
const OVERSHOOT_BYTES = 64;

const PLAN: KernelPlan = {
  ...{ delimiter: 44, outputDelimiter: 44, fields: 2, recordBytesMax: 1000, bits: 2, output: 'rewrite', seed: 3 },
  columns: [
    { position: 0, kind: 'integer', counts: 'numbers', tests: [{ bit: 0, test: 'kind' }] },
    { position: 1, kind: 'text', counts: 'nulls', tests: [{ bit: 1, test: 'length', min: 2 }] },
  ],
  keys: [],
};

/** A kernel whose memory the test sees. */
function openSeen(plan: KernelPlan): { readonly kernel: Kernel; readonly memory: () => Uint8Array } {
  let seen: KernelMemory | undefined;
  const Memory = class {
    constructor(size: { readonly initial: number }) {
      seen = new runtime.Memory(size);
      // biome-ignore lint/correctness/noConstructorReturn: WebAssembly takes no other object for a memory.
      return seen;
    }
  } as unknown as WebAssemblyRuntime['Memory'];
  const kernel = openWasmKernel(plan, { Memory, Module: runtime.Module, Instance: runtime.Instance });
  return { kernel, memory: () => new Uint8Array(seen?.buffer ?? new ArrayBuffer()) };
}

/** Places behind what a run has written, up to where the next thing lies, which it must not have touched. */
function untouched(plan: KernelPlan, result: KernelResult, blockBytes: number): readonly (readonly [number, number])[] {
  const { places, readingsMax, end } = layOut(plan);
  const last = end - 16 * Math.ceil(((plan.fields + 1) * 4) / 16);
  const written = [
    [places.starts, result.starts, places.flags],
    [places.flags, result.flags, places.shifts],
    [places.shifts, result.shifts, places.keys[0] ?? last],
    ...result.keys.map((key, index) => [places.keys[index] ?? 0, key, places.keys[index + 1] ?? last] as const),
  ] as const;
  const block = Math.ceil((end + blockBytes + OVERSHOOT_BYTES) / 16) * 16;
  const text = plan.output === 'rewrite' ? textMaxOf(plan, blockBytes) : 0;
  const rewritten = plan.output === 'rewrite' ? result.text.byteLength + OVERSHOOT_BYTES : 0;
  return [
    ...written.map(([place, { byteLength }, next]) => [place + byteLength, next] as const),
    [end + blockBytes, block],
    [block + rewritten, block + text],
    // Behind the scratch nothing is the kernel's.
    [block + text + readingsMax * blockBytes + 4 * OVERSHOOT_BYTES, Number.POSITIVE_INFINITY],
  ];
}

describe('the kernel in WebAssembly', () => {
  it('writes nothing but what it found, and takes nothing for the file but the file', () => {
    const guards = Buffer.alloc(8 << 20, GUARD);
    for (let seed = 0; seed < propertyRuns(400); seed++) {
      const random = seeded(seed);
      const file = hostileFile(seed);
      const plan = planOf(random, { fields: file.indexOf(',') < 0 ? 1 : 4 });
      const { kernel, memory } = openSeen(plan);
      const { image, start, end } = layOut(plan);
      kernel.load(file);
      // What lies behind the tables, and behind the file, is full of bytes that could be taken for cells.
      memory().fill(GUARD, start + image.length, end);
      memory().fill(GUARD, end + file.length);
      const isSound = isUtf8(file) && !file.includes(0);
      const result = kernel.run({ start: 0, isSound });
      expect(
        memory()
          .subarray(0, start)
          .every((byte) => byte === 0),
      ).toBe(true);
      expect(Buffer.compare(memory().subarray(end, end + file.length), file)).toBe(0);
      for (const [from, to] of untouched(plan, result, file.length)) {
        const bytes = memory().subarray(from, Math.min(to, memory().length));
        expect(Buffer.compare(bytes, guards.subarray(0, bytes.length)), `${seed}: ${from} to ${to}`).toBe(0);
      }
      const plain = openPlainKernel(plan);
      plain.load(file);
      expect(toPlain(result)).toEqual(toPlain(plain.run({ start: 0, isSound })));
    }
  });

  it('finds the same in memory that another kernel has left', () => {
    const file = Buffer.from('1,a\n2,"b""c"\n,\n');
    for (let seed = 0; seed < 50; seed++) {
      const random = seeded(seed);
      const first = openKernel(planOf(random, { fields: 4 }));
      allOf(first, { file: hostileFile(seed), start: 0, isSound: false });
      first.close();
      const plan = planOf(random, { fields: 2 });
      const options = { file, start: 0, isSound: true };
      expect(allOf(openKernel(plan), options)).toEqual(allOf(openPlainKernel(plan), options));
    }
  });

  it('goes on where a table was full', () => {
    const short = Buffer.from('1\nx\n'.repeat(recordsMaxOf(PLAN) * 0.75));
    const flagged = Buffer.from('x,y\n'.repeat(recordsMaxOf(PLAN) * 0.75));
    const quoted = Buffer.from(`${'"",""\n"a;","b"\n'.repeat(400)}${'a"\n'.repeat(9000)}`);
    for (const [file, plan] of [
      [short, { ...PLAN, fields: 1, columns: PLAN.columns.slice(0, 1) }],
      [flagged, PLAN],
      [quoted.subarray(0, 6000), { ...PLAN, outputDelimiter: 59 }],
      [quoted.subarray(6400), { ...PLAN, fields: 1, columns: PLAN.columns.slice(0, 1), outputDelimiter: 59 }],
    ] as const) {
      const options = { file, start: 0, isSound: true };
      const results = allOf(openWasmKernel(plan, runtime), options);
      expect(results).toEqual(allOf(openPlainKernel(plan), options));
    }
  });
});

describe.each([
  ['WebAssembly', openKernel],
  ['plain TypeScript', openPlainKernel],
] as const)('the kernel in %s', (_, open) => {
  const lines = ['1,a', '12,"b""c"', 'x,"two\nlines"', ',"d\r\ne"', '"7",', '"8","ü"'];

  it.each(['\n', '\r\n'])('finds the same wherever a block is cut: %j', (lineEnd) => {
    const file = Buffer.from(lines.map((line) => `${line}${lineEnd}`).join(''));
    const whole = open(PLAN);
    whole.load(file);
    const { text, counts, lineFeeds, records } = whole.run({ start: 0, isSound: true });
    const expected = { text: Buffer.from(text).toString(), counts: [...counts], lineFeeds, records };
    expect(expected).toMatchObject({ records: lines.length, counts: [1, 2], lineFeeds: lines.length + 2 });
    for (let cut = 0; cut <= file.length; cut++) {
      const kernel = open(PLAN);
      kernel.load(file.subarray(0, cut));
      const first = kernel.run({ start: 0, isSound: true });
      expect(first.stop).toBe('end');
      const before = { ...first, text: Buffer.from(first.text).toString(), counts: [...first.counts] };
      kernel.load(file.subarray(before.end));
      const second = kernel.run({ start: 0, isSound: true });
      expect({
        text: before.text + Buffer.from(second.text).toString(),
        counts: before.counts.map((count, bit) => count + (second.counts[bit] ?? 0)),
        lineFeeds: before.lineFeeds + second.lineFeeds,
        records: before.records + second.records,
      }).toEqual(expected);
    }
  });

  it('passes one record of any length, and keeps its block', () => {
    const kernel = open({ ...PLAN, recordBytesMax: 8, outputDelimiter: 59 });
    kernel.load(Buffer.from('1,a\n2,b\n'));
    const long = kernel.runOne(Buffer.from(`x,"${'long '.repeat(20)}""\n"\n`));
    expect({ stop: long.stop, records: long.records, flags: [...long.flags], lineFeeds: long.lineFeeds }).toEqual({
      ...{ stop: 'end', records: 1, flags: [0, 0], lineFeeds: 2 },
    });
    expect(Buffer.from(long.text).toString()).toBe(`x;"${'long '.repeat(20)}""\n"\n`);
    expect(Buffer.from(kernel.run({ start: 4, isSound: true }).text).toString()).toBe('2;b\n');
  });
});
