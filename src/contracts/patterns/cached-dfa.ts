import { type ByteDfa, byteDfa } from './byte-dfa.ts';
import type { Where } from './program.ts';

/** A contract has few patterns, and each check of a file asks for all of them. */
const KEPT_MAX = 100;

const kept = new Map<string, ByteDfa | undefined>();

/** The automaton of a pattern over bytes, made once; undefined where it would be too large. */
export function cachedDfa(pattern: string, where: Where): ByteDfa | undefined {
  const key = `${where} ${pattern}`;
  if (kept.has(key)) return kept.get(key);
  const dfa = byteDfa(pattern, where);
  const [oldest] = kept.keys();
  if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  kept.set(key, dfa);
  return dfa;
}
