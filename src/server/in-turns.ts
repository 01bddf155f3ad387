import { setImmediate } from 'node:timers/promises';

/** After so long others get a turn: no request waits noticeably for the large body of another. */
const TURN_MS = 4;

/** Work that pauses where others may have a turn. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Runs work step by step, and lets others have a turn whenever it has taken four milliseconds. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  let since = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - since < TURN_MS) continue;
    await setImmediate();
    since = performance.now();
  }
}

/** Runs work in one go, where it is known to be short. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

const ITEMS_OF_PIECE = 250;

/** A list as JSON without its brackets, in pieces: joined they are what `JSON.stringify` makes of all of it. */
export function* jsonPieces(items: readonly unknown[]): Generator<string> {
  for (let start = 0; start < items.length; start += ITEMS_OF_PIECE) {
    const piece = JSON.stringify(items.slice(start, start + ITEMS_OF_PIECE)).slice(1, -1);
    yield start === 0 ? piece : `,${piece}`;
  }
}
