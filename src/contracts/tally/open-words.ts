import { type WebAssemblyRuntime, webAssembly } from '#store';
import { tallyPlainly } from './plain-words.ts';
import { openWasmWords } from './wasm-words.ts';
import type { TallyWords } from './word-tally.ts';

/** What counts words: in WebAssembly, or in plain TypeScript where Node has no compiler for it. */
export function openWords(runtime: WebAssemblyRuntime | undefined = webAssembly): TallyWords {
  return runtime === undefined ? tallyPlainly : openWasmWords(runtime);
}
