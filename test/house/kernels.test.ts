import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const MODULES = [
  'src/ml/kernels/nearest-wasm.ts',
  'src/ml/kernels/histograms-wasm.ts',
  'src/contracts/scan/records-wasm.ts',
  'src/contracts/kernel/kernel-wasm.ts',
  'src/contracts/tally/tally-wasm.ts',
];

it('the SIMD kernels are those that the sources beside them compile to', () => {
  // In one process: the compiler takes longer to load than to compile.
  const compiled = execFileSync(process.execPath, ['scripts/compile-kernels.mjs', '--stdout'], { encoding: 'utf8' });
  expect(compiled).toBe(MODULES.map((file) => readFileSync(file, 'utf8')).join(''));
});
