/** How each retry ended. */
export interface Retried {
  readonly started: number;
  readonly refused: readonly { readonly id: string; readonly message: string }[];
}

interface RetryRunsOptions {
  readonly retry: (id: string) => Promise<unknown>;
  /** After each one: how many have been tried. */
  readonly onProgress: (tried: number) => void;
}

/** Retries runs one after the other; one that is refused does not stop the others. */
export async function retryRuns(ids: readonly string[], { retry, onProgress }: RetryRunsOptions): Promise<Retried> {
  const refused: { id: string; message: string }[] = [];
  for (const [index, id] of ids.entries()) {
    try {
      await retry(id);
    } catch (error) {
      refused.push({ id, message: error instanceof Error ? error.message : String(error) });
    }
    onProgress(index + 1);
  }
  return { started: ids.length - refused.length, refused };
}

/** The runs of a list that can be retried: those that failed or were cancelled. */
export function retriable<T extends { readonly state: string }>(runs: readonly T[]): readonly T[] {
  return runs.filter(({ state }) => state === 'failed' || state === 'cancelled');
}
