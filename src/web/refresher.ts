/** One run sends many events; a reload for each would be many per second. */
const COLLECT_MS = 400;

export interface RefresherOptions {
  /** Loads again what depends on these runs, and resolves when all of it has arrived. */
  readonly refresh: (runIds: ReadonlySet<string>) => Promise<unknown>;
}
export interface RefresherEffects {
  /** Does something after a while; the function that it returns prevents it. */
  readonly later: (act: () => void) => () => void;
}
const realEffects: RefresherEffects = {
  later: (act) => {
    const timer = setTimeout(act, COLLECT_MS);
    return () => clearTimeout(timer);
  },
};

/**
 * Collects the runs that change and refreshes what is shown of them, one refresh after the other: a server that needs
 * longer to answer than runs need to change gets one request at a time, and each is awaited instead of replaced.
 */
export function createRefresher({ refresh }: RefresherOptions, { later }: RefresherEffects = realEffects) {
  let waiting = new Set<string>();
  let prevent: (() => void) | undefined;
  let isRefreshing = false;
  const start = async () => {
    prevent = undefined;
    const runIds = waiting;
    waiting = new Set();
    isRefreshing = true;
    try {
      await refresh(runIds);
    } finally {
      isRefreshing = false;
      if (waiting.size > 0) schedule();
    }
  };
  const schedule = () => {
    if (!isRefreshing) prevent ??= later(() => void start());
  };
  return {
    changed(runId: string): void {
      waiting.add(runId);
      schedule();
    },
    stop(): void {
      prevent?.();
      waiting = new Set();
    },
  };
}
