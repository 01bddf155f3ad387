import { EngineError } from '../define/errors.ts';
import type { CatchUp, Overlap, Schedule } from '../define/pipeline.ts';
import type { Ticks } from './ticks.ts';

/** A tick that is processed later than this is missed, and so is one that is no longer the newest. */
export const LATE_MS_MAX = 60_000;
/** How many ticks of one pipeline may wait for their turn. */
export const WAITING_MAX = 1_000;

export interface Policy {
  readonly catchUp: CatchUp;
  readonly overlap: Overlap;
}

/** The state of a schedule when it is processed. */
export interface Situation {
  readonly now: Date;
  /** Every tick up to here has been decided. */
  readonly handledUntil: Date;
  /** Ticks up to here fell into a pause. */
  readonly resumedAt: Date | null;
  /** A run of the pipeline is in progress. */
  readonly isBusy: boolean;
  /** Ticks that wait for their turn already. */
  readonly waiting: number;
}

export interface Decision {
  readonly handledUntil: Date;
  /** Ticks to run, each when its turn comes, oldest first. */
  readonly kept: readonly Date[];
  /** Whether the running and waiting runs are cancelled in favour of the kept tick. */
  readonly isReplacing: boolean;
  /** The newest tick that is not run, and why. */
  readonly dropped?: { readonly tick: Date; readonly reason: string };
}

/** The policy of a schedule, checked. */
export function policyOf({ pipeline, catchUp = 'none', overlap = 'skip' }: Schedule): Policy {
  if (typeof catchUp === 'object' && !(Number.isInteger(catchUp.atMost) && isWithin(catchUp.atMost)))
    throw new EngineError(
      'schedule_invalid',
      `The schedule of pipeline ${pipeline} catches up at most ${catchUp.atMost} ticks; expected a whole number from 1 to ${WAITING_MAX}.`,
    );
  const isSeveral = catchUp === 'all' || (typeof catchUp === 'object' && catchUp.atMost > 1);
  if (overlap === 'replace' && isSeveral)
    throw new EngineError(
      'schedule_invalid',
      `The schedule of pipeline ${pipeline} catches up several ticks and lets each replace the one before, so only the newest would run. Take overlap "queue", or catch-up "latest".`,
    );
  return { catchUp, overlap };
}

const isWithin = (count: number): boolean => count >= 1 && count <= WAITING_MAX;

/** Decides about the ticks that came due since the last time. Pure. */
export function decide(ticks: Ticks, policy: Policy, situation: Situation): Decision {
  const handledUntil = toHandledUntil(situation);
  const { now, resumedAt } = situation;
  const [before, newest] = lastTwo(ticks, now);
  if (newest === undefined || newest <= handledUntil) return { handledUntil, kept: [], isReplacing: false };
  const isOnTime =
    now.getTime() - newest.getTime() <= LATE_MS_MAX && (resumedAt === null || newest.getTime() > resumedAt.getTime());
  const isAlone = before === undefined || before <= handledUntil;
  const due: Due = { handledUntil, newest, isOnTime, before: isAlone ? undefined : before };
  if (isOnTime && (isAlone || policy.catchUp === 'none')) return meet(due, policy, situation);
  return catchUp(due, { ticks, policy, situation });
}

interface Due {
  readonly handledUntil: Date;
  readonly newest: Date;
  readonly isOnTime: boolean;
  /** The one before the newest, when it is due too. */
  readonly before: Date | undefined;
}

/**
 * A clock that was set back by more than the usual skew continues from its present time; still no tick starts twice.
 */
function toHandledUntil({ now, handledUntil }: Situation): Date {
  return handledUntil.getTime() - now.getTime() > LATE_MS_MAX ? now : handledUntil;
}

function lastTwo(ticks: Ticks, now: Date): readonly [Date | undefined, Date | undefined] {
  const last = ticks.last(2, now);
  return [last.length === 2 ? last[0] : undefined, last.at(-1)];
}

/** One tick at its time, which may find a run. */
function meet(due: Due, { catchUp, overlap }: Policy, { isBusy, waiting }: Situation): Decision {
  const { newest, before } = due;
  const missed = before === undefined ? {} : { dropped: { tick: before, reason: MISSED } };
  const kept = { handledUntil: newest, kept: [newest], isReplacing: false, ...missed };
  if (!isBusy && waiting === 0) return kept;
  switch (overlap) {
    case 'skip':
      return drop(due, 'A run of the pipeline was in progress.');
    case 'queue':
      if (waiting < WAITING_MAX) return kept;
      // It stays due, and runs when there is room.
      if (catchUp === 'all') return { handledUntil: due.handledUntil, kept: [], isReplacing: false };
      return drop(due, `${WAITING_MAX} ticks were waiting already.`);
    case 'replace':
      return { ...kept, isReplacing: true };
    default:
      return overlap satisfies never;
  }
}

const MISSED = 'It was missed: no engine processed it in time, and catch-up does not run it later.';

const drop = ({ newest }: Due, reason: string): Decision => ({
  handledUntil: newest,
  kept: [],
  isReplacing: false,
  dropped: { tick: newest, reason },
});

/** Ticks that were missed wait for their turn, whatever runs. */
function catchUp(
  due: Due,
  { ticks, policy, situation }: { readonly ticks: Ticks; readonly policy: Policy; readonly situation: Situation },
): Decision {
  const { handledUntil, newest } = due;
  const room = Math.max(0, WAITING_MAX - situation.waiting);
  const isReplacing = policy.overlap === 'replace' && (situation.isBusy || situation.waiting > 0);
  if (policy.catchUp === 'none') return drop(due, MISSED);
  if (policy.catchUp === 'all') {
    const kept = take(ticks.between(handledUntil, newest), room);
    return { handledUntil: kept.at(-1) ?? handledUntil, kept, isReplacing };
  }
  const count = policy.catchUp === 'latest' ? 1 : policy.catchUp.atMost;
  const candidates = ticks.last(count + 1, newest).filter((tick) => tick > handledUntil);
  const limit = isReplacing ? 1 : Math.min(count, room);
  const left = candidates.at(-limit - 1);
  return {
    ...{ handledUntil: newest, kept: limit === 0 ? [] : candidates.slice(-limit), isReplacing },
    ...(left === undefined ? {} : { dropped: { tick: left, reason: MISSED } }),
  };
}

function take<T>(items: Iterable<T>, count: number): readonly T[] {
  const taken: T[] = [];
  if (count === 0) return taken;
  for (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}
