import { type OpenSpan, type TraceContext, traced, traceHeaders } from '#store';
import type { Artifacts, InputRecord, Manifest, TraceRecord } from '../define/artifact.ts';
import type { EngineEffects } from '../define/effects.ts';
import { type RetryClass, TaskError } from '../define/errors.ts';
import { classifyError, toFailureRecord } from '../define/failure.ts';
import type { Goal } from '../define/goal.ts';
import type { InputGroups } from '../define/inputs.ts';
import type { Registry } from '../define/registry.ts';
import type { Cause } from '../define/states.ts';
import { messageOf } from '../define/thrown.ts';
import type { Assignment, Executor, NeedAnswer, Outcome } from '../execute/executor.ts';
import type { AttemptEnd } from '../records/commit-attempts.ts';
import type { Difference } from '../records/difference.ts';
import type { Suspects } from './batch-queue.ts';
import type { InFlight } from './in-flight.ts';
import type { Ledger } from './ledger.ts';
import type { LiveLogs } from './live-logs.ts';
import type { PoolHold } from './pool-gate.ts';

export interface AttemptRequest {
  readonly runId: string;
  readonly id: string;
  readonly goal: Goal;
  readonly key: string;
  readonly number: number;
  /** Absent of a goal that never waited for a slot. */
  readonly priority?: number | undefined;
  readonly seenToken: string;
  readonly unanswered?: Difference | undefined;
  readonly inputs: { readonly [name: string]: InputRecord };
  readonly inputArtifacts: { readonly [name: string]: Artifacts };
  /** Input names that gather many goals. */
  readonly groups: InputGroups;
  /** Aborted with a reason by cancel, by the timeout, or by closing. */
  readonly controller: AbortController;
  /** Whether a failure of this class is retried. */
  readonly isRetried: (retryClass: RetryClass) => boolean;
  /** The input or need of the attempt that made bytes of this digest; undefined when none did. */
  readonly makerOf: (digest: string) => string | undefined;
  /** The trace of its run. */
  readonly trace: TraceContext | undefined;
  readonly need: (goal: Goal) => Promise<{ readonly answer: NeedAnswer; readonly record: TraceRecord | undefined }>;
}

export interface AttemptServices {
  readonly registry: Registry;
  readonly ledger: Ledger;
  readonly executor: Executor;
  readonly inFlight: InFlight;
  readonly liveLogs: LiveLogs;
  readonly effects: EngineEffects;
}

/** How one attempt ended, already recorded. `held`, `changed` and `full` never started. */
export type AttemptResult =
  | { readonly kind: 'held' | 'changed' | 'full' | 'disowned' | 'closed' }
  /** The goals it is retried with, when a batch ended without an outcome for it. */
  | { readonly kind: 'lost'; readonly suspects?: Suspects | undefined }
  | { readonly kind: 'succeeded'; readonly outputs: Artifacts }
  | { readonly kind: 'parked' }
  | { readonly kind: 'skipped'; readonly reason: string; readonly cause?: Cause | undefined }
  | { readonly kind: 'aborted'; readonly reason: string }
  /** It read damaged bytes of `maker`. */
  | { readonly kind: 'spoiled'; readonly maker: string; readonly reason: string }
  | { readonly kind: 'failed'; readonly class: RetryClass; readonly reason: string };

/** Why a signal was aborted, other than by the timeout. */
export class AbortReason extends Error {
  override readonly name = 'AbortReason';
  readonly kind: 'cancel' | 'close';
  constructor(kind: 'cancel' | 'close', message: string) {
    super(message);
    this.kind = kind;
  }
}

/**
 * One attempt of one goal: claim, execute, commit. The caller has a slot and has entered the key in `inFlight`. `hold`:
 * units of a pool to be held with the claim.
 */
export function driveAttempt(
  request: AttemptRequest,
  services: AttemptServices,
  hold?: PoolHold,
): Promise<AttemptResult> {
  const { runId, goal, number, trace: parent } = request;
  const attributes = { 'weir.run.id': runId, 'weir.task': goal.task, 'weir.attempt': number };
  const drive = async (span: OpenSpan | undefined): Promise<AttemptResult> => {
    const result = await attempt(request, services, hold);
    span?.set({ 'weir.result': result.kind });
    if (result.kind === 'failed') span?.fail(result.class);
    return result;
  };
  return traced(`task ${goal.task}`, drive, { parent, attributes });
}

async function attempt(request: AttemptRequest, services: AttemptServices, hold?: PoolHold): Promise<AttemptResult> {
  const { runId, id, key, number, seenToken, unanswered, controller } = request;
  if (controller.signal.reason instanceof AbortReason) return notBegun(controller.signal.reason);
  const lease = hold?.lease;
  // Before the start, which is recorded with those of other traces.
  const unclaimed = assignmentOf(request, '');
  const start = await services.ledger.start({
    ...{ runId, goal: id, key, number, seenToken, unanswered, lease, assignment: unclaimed },
  });
  if (start.kind !== 'started') return { kind: start.kind };
  services.inFlight.hold(key, start.token);
  hold?.taken();
  const trace: TraceRecord[] = [];
  const assignment = { ...unclaimed, token: start.token };
  const outcome = await execute(request, assignment, { services, token: start.token, trace });
  return recordOutcome(request, { services, token: start.token, outcome, trace, hold });
}

function notBegun(reason: AbortReason): AttemptResult {
  return reason.kind === 'close' ? { kind: 'closed' } : { kind: 'lost' };
}

export interface BegunAttempt {
  readonly services: AttemptServices;
  readonly token: string;
  readonly trace: TraceRecord[];
  readonly hold?: PoolHold | undefined;
}

async function execute(request: AttemptRequest, assignment: Assignment, begun: BegunAttempt): Promise<Outcome> {
  const { goal, controller } = request;
  const { services, trace } = begun;
  const timer = createTimer(services.registry.task(goal.task).timeoutMs, { effects: services.effects, controller });
  let asked = 0;
  const answered: (TraceRecord | undefined)[] = [];
  try {
    const outcome = await services.executor.execute(assignment, {
      signal: controller.signal,
      log: (text) => services.liveLogs.tell(request, text),
      need: async (needed) => {
        const place = asked++;
        timer.pause();
        try {
          const { answer, record } = await request.need(needed);
          answered[place] = record;
          return answer;
        } finally {
          timer.resume();
        }
      },
    });
    for (const record of answered) if (record !== undefined) trace.push(record);
    return outcome;
  } catch (error) {
    // An executor must return an outcome; when it throws, the attempt is lost.
    return { kind: 'failed', error: toFailureRecord(error, 'infrastructure'), log: '' };
  } finally {
    timer.stop();
    services.liveLogs.end(request);
  }
}

/** What is sent to the executor. */
export function assignmentOf(request: AttemptRequest, token: string): Assignment {
  const { runId, id, goal, key, number, priority, inputArtifacts: inputs, groups } = request;
  const trace = traceHeaders();
  return {
    ...{ runId, task: goal.task, params: goal.params, goal: id, key, token, attempt: number },
    ...{ priority, inputs, groups, trace },
  };
}

/** A timeout that excludes the time spent waiting for needs. */
function createTimer(
  timeoutMs: number,
  options: { readonly effects: EngineEffects; readonly controller: AbortController },
): { pause(): void; resume(): void; stop(): void } {
  const { effects, controller } = options;
  let remainingMs = timeoutMs;
  let startedAtMs = 0;
  let pauses = 0;
  let isOver = false;
  let cancel: (() => void) | undefined;
  const run = (): void => {
    startedAtMs = effects.now().getTime();
    cancel = effects.after(remainingMs, () => {
      controller.abort(
        new TaskError(`Timed out after ${timeoutMs} ms.`, { code: 'attempt_timeout', class: 'infrastructure' }),
      );
    });
  };
  run();
  return {
    pause: () => {
      if (pauses++ > 0) return;
      cancel?.();
      remainingMs -= effects.now().getTime() - startedAtMs;
    },
    resume: () => {
      // The answer to a need may come after the attempt that requested it has ended.
      if (--pauses === 0 && !isOver) run();
    },
    stop: () => {
      isOver = true;
      cancel?.();
    },
  };
}

/**
 * Commits how a started attempt ended, with everything that depends on it. When the database refuses the content of an
 * outcome it would refuse it forever, so the attempt fails with the message of the database.
 */
export async function recordOutcome(
  request: AttemptRequest,
  ended: BegunAttempt & { readonly outcome: Outcome },
): Promise<AttemptResult> {
  try {
    return await commitOutcome(request, ended);
  } catch (error) {
    if (classifyError(error) === 'infrastructure') throw error;
    const refused = new TaskError(`Its end could not be recorded: ${messageOf(error)}`, {
      code: 'end_unrecorded',
      class: 'user',
      cause: error,
    });
    return await commitOutcome(request, {
      ...ended,
      outcome: { kind: 'failed', error: toFailureRecord(refused), log: ended.outcome.log },
    });
  }
}

async function commitOutcome(
  request: AttemptRequest,
  ended: BegunAttempt & { readonly outcome: Outcome },
): Promise<AttemptResult> {
  const { runId, id, key, number } = request;
  const { outcome, token, services } = ended;
  const result = resultOf(request, outcome);
  const end = endOf(request, result);
  const isKept = await services.ledger.commit({
    runId,
    goal: id,
    key,
    number,
    token,
    log: outcome.log,
    lease: ended.hold?.heldLease,
    outcome: end.outcome,
    state: end.state,
    reason: end.reason,
    cause: end.cause,
    error: outcome.kind === 'failed' && HAS_ERROR.has(result.kind) ? outcome.error : undefined,
    manifest: outcome.kind === 'succeeded' ? manifestOf(request, ended, outcome.outputs) : undefined,
  });
  return isKept ? result : { kind: 'lost' };
}

const HAS_ERROR: ReadonlySet<string> = new Set(['failed', 'spoiled']);

/** A success counts even when a cancel came while it was being committed: the commit decides. */
function resultOf(request: AttemptRequest, outcome: Outcome): AttemptResult {
  if (outcome.kind === 'succeeded') return { kind: 'succeeded', outputs: outcome.outputs };
  const reason: unknown = request.controller.signal.reason;
  if (reason instanceof AbortReason)
    return reason.kind === 'close' ? { kind: 'closed' } : { kind: 'aborted', reason: reason.message };
  if (outcome.kind === 'skipped') return { kind: 'skipped', reason: outcome.reason, cause: outcome.cause };
  if (outcome.kind === 'parked') return { kind: 'parked' };
  const { damaged, class: retryClass, message: said } = outcome.error;
  const maker = damaged === undefined ? undefined : request.makerOf(damaged);
  if (maker !== undefined) return { kind: 'spoiled', maker, reason: said };
  return { kind: 'failed', class: retryClass, reason: said };
}

function endOf(
  request: AttemptRequest,
  result: AttemptResult,
): Pick<AttemptEnd, 'outcome' | 'state' | 'reason' | 'cause'> {
  switch (result.kind) {
    case 'succeeded':
      return { outcome: 'succeeded', state: 'succeeded' };
    case 'skipped':
      return { outcome: 'skipped', state: 'skipped', reason: result.reason, cause: result.cause ?? 'skipped' };
    case 'parked':
      return { outcome: 'parked', state: 'queued' };
    case 'aborted':
      return { outcome: 'cancelled', state: 'cancelled', reason: result.reason, cause: 'cancelled' };
    case 'spoiled':
      return { outcome: 'failed', state: 'queued', reason: result.reason };
    case 'failed': {
      const { reason } = result;
      if (request.isRetried(result.class)) return { outcome: 'failed', state: 'queued', reason };
      return { outcome: 'failed', state: 'failed', reason, cause: 'failed' };
    }
    default:
      return { outcome: 'lost', state: 'queued', reason: 'The engine closed while it ran.' };
  }
}

function manifestOf(request: AttemptRequest, begun: BegunAttempt, outputs: Artifacts): Manifest {
  const { goal, key, inputs } = request;
  const { services, token, trace } = begun;
  return { key, goal, code: services.registry.code(goal.task), inputs, outputs, trace, token };
}
