import { WORKER_LABEL, type Worker, type WorkerQueue } from '#api';
import type { Tone } from '../../tones.ts';

interface Look {
  readonly tone: Tone;
  readonly word: string;
  /** What it means, for the hint. */
  readonly meaning: string;
}

const LOOKS: Readonly<Record<Worker['state'], Look>> = {
  serving: { tone: 'green', word: 'Serving', meaning: 'It takes goals of its labels.' },
  draining: {
    tone: 'orange',
    word: 'Draining',
    meaning: 'It takes nothing new, and ends when what it runs has ended.',
  },
  silent: {
    tone: 'red',
    word: 'Silent',
    meaning: 'It was killed, or is cut off from the database. What it ran runs again elsewhere.',
  },
};

/** Colour, word and meaning of a worker's state. */
export const workerLook = ({ state }: Pick<Worker, 'state'>): Look => LOOKS[state];

/** `3 workers serve 24 slots, 9 of them busy`. */
export function toSummary(workers: readonly Worker[], toText: (count: number) => string): string {
  const serving = workers.filter(({ state }) => state === 'serving');
  const slots = serving.reduce((sum, worker) => sum + worker.slots, 0);
  const busy = serving.reduce((sum, { running }) => sum + running.length, 0);
  const [worker, slot] = [serving.length === 1 ? 'worker serves' : 'workers serve', slots === 1 ? 'slot' : 'slots'];
  return `${toText(serving.length)} ${worker} ${toText(slots)} ${slot}, ${toText(busy)} of them busy`;
}

/** Queues that something waits in and no worker takes from. */
export const unserved = (queues: readonly WorkerQueue[]): readonly WorkerQueue[] =>
  queues.filter(({ waiting, workers }) => workers === 0 && waiting !== null && waiting > 0);

/** The command that starts a worker of the label; the label of any task is not written. */
export const toStartCommand = (label: string): string =>
  label === WORKER_LABEL ? 'weir worker' : `weir worker --labels ${label}`;
