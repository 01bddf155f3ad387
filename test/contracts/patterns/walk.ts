import type { ByteDfa } from '../../../src/contracts/patterns/byte-dfa.ts';

/** Whether an automaton over bytes accepts them, as the kernel walks it. */
export function walk({ classes, width, transitions, accepting, start }: ByteDfa, bytes: Uint8Array): boolean {
  let state = start;
  for (const byte of bytes) state = transitions[state * width + (classes[byte] ?? 0)] ?? 0;
  return accepting[state] === 1;
}
