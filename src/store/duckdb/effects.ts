import { maybeResidentBytes } from './resident-memory.ts';

/** `ps` takes milliseconds of processor time, /proc microseconds. */
const LOOK_EVERY_MS = process.platform === 'linux' ? 50 : 500;

/** What holding the memory of a process needs of the world. */
export interface DuckdbEffects {
  /** Resident memory of a process, in bytes; undefined when it is gone or nothing can be said. */
  readonly maybeResidentBytes: (pid: number) => Promise<number | undefined>;
  /** Calls `look` again and again, until the function that it returns is called. */
  readonly repeat: (look: () => void) => () => void;
}

export const REAL_EFFECTS: DuckdbEffects = {
  maybeResidentBytes,
  repeat: (look) => {
    const timer = setInterval(look, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  },
};
