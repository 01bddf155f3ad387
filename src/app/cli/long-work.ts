import type { Terminal } from './terminal.ts';

/** Output and timer of progress; tests pass their own. */
export interface LongWorkEffects {
  readonly isTerminal: boolean;
  write(text: string): void;
  now(): number;
  /** Calls `tick` repeatedly until the returned function is called. */
  every(ms: number, tick: () => void): () => void;
}

const QUIET_MS = 1000;
const DRAW_MS = 120;
const LINE_MS = 5000;
const BAR_WIDTH = 24;
const BLOCK_WIDTH = 6;
/** Moves to the start of the line and clears it. */
const CLEAR = '\r\u001b[K';

/** On standard error, with a real timer. */
export const toLongWorkEffects = ({ warn, isInteractive }: Terminal): LongWorkEffects => ({
  isTerminal: isInteractive,
  write: warn,
  now: () => performance.now(),
  every: (ms, tick) => {
    const timer = setInterval(tick, ms);
    return () => clearInterval(timer);
  },
});

/**
 * Shows progress of long work on standard error: a bar in a terminal, a line every few seconds elsewhere, nothing when
 * it takes less than a second. `report` takes the share that is done; without it the bar only moves.
 */
export async function showLongWork<T>(
  title: string,
  work: (report: (share: number) => void) => Promise<T>,
  effects: LongWorkEffects,
): Promise<T> {
  const began = effects.now();
  let share: number | undefined;
  let isDrawn = false;
  const tick = (): void => {
    const elapsedMs = effects.now() - began;
    if (elapsedMs < QUIET_MS) return;
    isDrawn = true;
    const state = { elapsedMs, share };
    effects.write(effects.isTerminal ? `${CLEAR}${bar(title, state)}` : `${title}: ${facts(state)}\n`);
  };
  const stop = effects.every(effects.isTerminal ? DRAW_MS : LINE_MS, tick);
  try {
    return await work((done) => {
      share = Math.min(1, Math.max(0, done));
    });
  } finally {
    stop();
    if (isDrawn && effects.isTerminal) effects.write(CLEAR);
  }
}

interface State {
  readonly elapsedMs: number;
  readonly share: number | undefined;
}

function bar(title: string, state: State): string {
  const cells = Array.from({ length: BAR_WIDTH }, (_, at) => (isFilled(at, state) ? '█' : '░'));
  return `${title} ${cells.join('')} ${facts(state)}`;
}

function isFilled(at: number, { elapsedMs, share }: State): boolean {
  if (share !== undefined) return at < Math.round(share * BAR_WIDTH);
  const head = Math.floor(elapsedMs / DRAW_MS) % BAR_WIDTH;
  return (head - at + BAR_WIDTH) % BAR_WIDTH < BLOCK_WIDTH;
}

function facts({ elapsedMs, share }: State): string {
  const seconds = `${Math.floor(elapsedMs / 1000)} s`;
  return share === undefined ? seconds : `${Math.floor(share * 100)} %, ${seconds}`;
}
