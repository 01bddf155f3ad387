import { type WebAssemblyRuntime, webAssembly } from '#store';
import type { NumberStore } from './number-store.ts';
import { openPlainNumbers } from './plain-numbers.ts';
import { openWasmNumbers } from './wasm-numbers.ts';

/** A store of numbers: in WebAssembly, or in plain TypeScript where Node has no compiler for it. */
export function openNumbers(runtime: WebAssemblyRuntime | undefined = webAssembly): NumberStore {
  return runtime === undefined ? openPlainNumbers() : openWasmNumbers(runtime);
}
