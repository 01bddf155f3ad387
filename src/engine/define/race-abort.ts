/**
 * What the work gives, or `aborted` as soon as the signal is. Nothing stays behind at the signal, which may live much longer;
 * a promise of its abort, raced once for each piece of work, would keep all of them.
 */
export function raceAbort<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T | 'aborted'> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve('aborted');
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
