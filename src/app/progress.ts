/** Where progress goes; a test hands in another. */
export interface ProgressEffects {
  write(text: string): void;
  now(): number;
}

const terminal: ProgressEffects = { write: (text) => void process.stdout.write(text), now: () => performance.now() };

/** Prints what is being done and, once done, how long it took: one line a step, in any terminal or log. */
export async function step<T>(title: string, work: () => Promise<T>, effects: ProgressEffects = terminal): Promise<T> {
  const began = effects.now();
  effects.write(`  ${title} …\n`);
  const result = await work();
  effects.write(`✔ ${title} (${((effects.now() - began) / 1000).toFixed(1)} s)\n`);
  return result;
}
