import { once } from 'node:events';
import { forkProgram, type Program } from '../programs/programs.ts';

/** How a program with fault points ended: killed at its target, or at its end with the places that it passed. */
export type KilledEnd =
  | { readonly kind: 'killed' }
  | { readonly kind: 'finished'; readonly passed: readonly string[]; readonly answer: unknown };

/** What such a program sends when it comes to its end. */
export interface ProgramEnd {
  readonly passed: readonly string[];
  readonly answer?: unknown;
}

/** Runs a program until it kills itself or is through. Throws when it ends in another way. */
export async function runToKill(program: Program, args: readonly string[]): Promise<KilledEnd> {
  const child = forkProgram(program, args);
  let end: ProgramEnd | undefined;
  child.on('message', (message: ProgramEnd) => {
    end = message;
  });
  const [code, signal] = await once(child, 'exit');
  if (signal === 'SIGKILL') return { kind: 'killed' };
  if (code !== 0 || end === undefined) throw new Error(`${args.join(' ')} ended with code ${code}, signal ${signal}.`);
  return { kind: 'finished', passed: end.passed, answer: end.answer };
}
