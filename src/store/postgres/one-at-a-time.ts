/** Runs what it is given one after the other, in the order of the calls; an error goes to its caller and stops nothing else. */
export type OneAtATime = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * For a connection, which runs one statement at a time: readers of several things ask for all at once, and the client
 * has no queue of its own from its next major version on.
 */
export function oneAtATime(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(ignore);
    return next;
  };
}

/** Whoever asked has the error. */
function ignore(): void {}
