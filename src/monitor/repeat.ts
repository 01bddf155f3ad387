export interface Repeating {
  /** Ends it, once the pass in progress has ended. */
  stop(): Promise<void>;
}

export interface RepeatOptions {
  /** From the end of a pass to the next one. */
  readonly pauseMs: number;
  /** Calls back once after the delay; the result cancels. */
  readonly after: (delayMs: number, callback: () => void) => () => void;
}

/** Makes a pass at once and again after each pause, until stopped. The pass must not throw. */
export function repeat(pass: () => Promise<void>, { pauseMs, after }: RepeatOptions): Repeating {
  let isStopped = false;
  let cancel = (): void => {};
  const run = async (): Promise<void> => {
    await pass();
    if (!isStopped) cancel = after(pauseMs, next);
  };
  let running = run();
  function next(): void {
    running = run();
  }
  return {
    stop: async () => {
      isStopped = true;
      cancel();
      await running;
    },
  };
}
