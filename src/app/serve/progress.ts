/** Runs a step of a start and shows it. */
export type ShowStep = <T>(title: string, work: () => Promise<T>) => Promise<T>;

/** Prints each step and its duration: one line per step, in any terminal or log. */
export function showSteps(print: (text: string) => void, now: () => number = () => performance.now()): ShowStep {
  return async (title, work) => {
    const began = now();
    print(`  ${title} …\n`);
    const result = await work();
    print(`✔ ${title} (${((now() - began) / 1000).toFixed(1)} s)\n`);
    return result;
  };
}
