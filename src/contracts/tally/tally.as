// AssemblyScript: counts words of 64 bits and adds up numbers, for profiles. `scripts/compile-kernels.mjs` compiles it into
// tally-wasm.ts; plain-words.ts and plain-numbers.ts are its specification.
export { countWords, sampleWords } from './words';
export { addPairs, addUp, countUpTo, sortNumbers, spread } from './numbers';
