import { randomUUID } from 'node:crypto';
import { traced } from '#store';
import { TaskError } from '../define/errors.ts';
import { toFailureRecord } from '../define/failure.ts';
import type { Task } from '../define/task.ts';
import type { BatchEnd, Outcome } from '../execute/executor.ts';
import { halve } from './batch-queue.ts';
import {
  AbortReason,
  type AttemptRequest,
  type AttemptResult,
  type AttemptServices,
  assignmentOf,
  recordOutcome,
} from './drive-attempt.ts';
import type { SlotLease } from './slots.ts';

export interface BatchDrive {
  readonly task: Task;
  readonly slot: SlotLease;
  readonly services: AttemptServices;
  /** Aborted when this process ends; items that have not ended are aborted one by one. */
  readonly closing: AbortSignal;
}

export interface BatchMember {
  readonly request: AttemptRequest;
  /** Called exactly once, as soon as its end is recorded. */
  end(result: AttemptResult): void;
  /** This process cannot record its end. */
  fail(error: unknown): void;
}

interface Running extends BatchMember {
  readonly token: string;
  /** Its end is recorded, or is being recorded. */
  hasOutcome: boolean;
}

/**
 * One execution of many goals of one task: each is claimed, recorded and committed by itself. The caller has entered
 * their keys in `inFlight`, and removes each as it ends; the slot is released when all have ended.
 */
export async function driveBatch(members: readonly BatchMember[], options: BatchDrive): Promise<void> {
  const { slot } = options;
  try {
    const batch = randomUUID();
    const running: Running[] = [];
    const starts = members.map((member) => start(member, { ...options, batch }));
    for (const started of await Promise.all(starts)) if (started !== undefined) running.push(started);
    const [first] = running;
    if (first === undefined) return;
    const attributes = { 'weir.task': options.task.name, 'weir.batch.goals': running.length };
    const links = running.slice(1).map(({ request }) => request.trace);
    await traced(`batch ${options.task.name}`, () => new BatchAttempt(running, options).run(), {
      ...{ parent: first.request.trace, attributes, links },
    });
  } finally {
    // Its items may have ended long before.
    slot.leave();
    slot.release();
  }
}

async function start(
  member: BatchMember,
  options: BatchDrive & { readonly batch: string },
): Promise<Running | undefined> {
  const { batch, slot, services } = options;
  const { runId, id, key, number, seenToken, unanswered, controller } = member.request;
  const { hold } = slot;
  const { reason } = controller.signal;
  try {
    if (reason instanceof AbortReason) {
      member.end({ kind: reason.kind === 'close' ? 'closed' : 'lost' });
      return undefined;
    }
    const answer = await services.ledger.start({
      ...{ runId, goal: id, key, number, seenToken, unanswered, batch, lease: hold?.lease },
    });
    if (answer.kind === 'started') {
      services.inFlight.hold(key, answer.token);
      hold?.taken();
      return { ...member, token: answer.token, hasOutcome: false };
    }
    if (answer.kind === 'full') hold?.refused();
    member.end({ kind: answer.kind });
  } catch (error) {
    member.fail(error);
  }
  return undefined;
}

class BatchAttempt {
  readonly #running: readonly Running[];
  readonly #task: Task;
  readonly #services: AttemptServices;
  readonly #closing: AbortSignal;
  readonly #controller = new AbortController();
  readonly #writes = new Set<Promise<void>>();
  #stopTimer: () => void = () => undefined;
  #isLookedAt = false;

  constructor(running: readonly Running[], options: BatchDrive) {
    this.#running = running;
    this.#task = options.task;
    this.#services = options.services;
    this.#closing = options.closing;
  }

  async run(): Promise<void> {
    const { executor } = this.#services;
    const abort = (): void => this.#lookAtAborts();
    const close = (): void => this.#controller.abort(this.#closing.reason);
    for (const { request } of this.#running) request.controller.signal.addEventListener('abort', abort);
    this.#closing.addEventListener('abort', close);
    abort();
    if (this.#closing.aborted) close();
    this.#startTimer();
    try {
      const end = await executor.executeBatch(
        this.#running.map(({ request, token }) => assignmentOf(request, token)),
        {
          signal: this.#controller.signal,
          report: (item, outcome) => this.#report(item, outcome),
          log: (item, text) => this.#tell(item, text),
        },
      );
      this.#endOpen(end);
    } catch (error) {
      // An executor must return; when it throws, the batch is lost.
      this.#endOpen({ error: toFailureRecord(error, 'infrastructure'), logs: [] });
    } finally {
      this.#stopTimer();
      this.#closing.removeEventListener('abort', close);
      for (const { request } of this.#running) request.controller.signal.removeEventListener('abort', abort);
    }
    while (this.#writes.size > 0) await Promise.all(this.#writes);
  }

  #report(item: number, outcome: Outcome): void {
    const member = this.#running[item];
    if (member === undefined || member.hasOutcome) return;
    this.#startTimer();
    this.#record(member, outcome);
  }

  #tell(item: number, text: string): void {
    const member = this.#running[item];
    if (member !== undefined && !member.hasOutcome) this.#services.liveLogs.tell(member.request, text);
  }

  #record(member: Running, outcome: Outcome): void {
    const { request, token } = member;
    this.#write(member, recordOutcome(request, { services: this.#services, token, outcome, trace: [] }));
  }

  #write(member: Running, recording: Promise<AttemptResult>): void {
    member.hasOutcome = true;
    this.#services.liveLogs.end(member.request);
    const writing = recording
      .then(
        (result) => member.end(result),
        (error: unknown) => member.fail(error),
      )
      .finally(() => this.#writes.delete(writing));
    this.#writes.add(writing);
  }

  /** The execution is over. A single open item caused its end; several are split into halves to find the cause. */
  #endOpen({ error, logs }: BatchEnd): void {
    const open = this.#running.flatMap((member, index) =>
      member.hasOutcome ? [] : [{ member, log: logs[index] ?? '' }],
    );
    const isAborted = ({ member }: (typeof open)[number]): boolean =>
      member.request.controller.signal.reason instanceof AbortReason;
    const isAlone = this.#running.length === 1;
    for (const { member, log } of open.filter((each) => isAlone || isAborted(each)))
      this.#record(member, { kind: 'failed', error, log });
    for (const { item, suspects } of halve(open.filter(({ member }) => !member.hasOutcome))) {
      const { member, log } = item;
      const { runId, id, key, number } = member.request;
      const reason = `Its batch of ${this.#running.length} ended without an outcome for it: ${error.message}`;
      const recording = this.#services.ledger.commit({
        ...{ runId, goal: id, key, number, token: member.token, outcome: 'lost', state: 'queued', reason, error, log },
      });
      this.#write(
        member,
        recording.then(() => ({ kind: 'lost', suspects })),
      );
    }
  }

  /** Cancelling an item leaves the others running; when none is left, the execution ends with its process tree. */
  #lookAtAborts(): void {
    if (this.#isLookedAt) return;
    this.#isLookedAt = true;
    // A run cancels its items one after another; they are handled together.
    setImmediate(() => {
      this.#isLookedAt = false;
      const open = this.#running.filter((member) => !member.hasOutcome);
      const aborted = open.filter(({ request }) => request.controller.signal.aborted);
      const [first] = aborted;
      if (first === undefined) return;
      if (aborted.length === open.length) this.#controller.abort(first.request.controller.signal.reason);
      else
        for (const member of aborted)
          this.#record(member, {
            kind: 'failed',
            error: toFailureRecord(member.request.controller.signal.reason),
            log: '',
          });
    });
  }

  /** The timeout applies to each item: it is measured from one outcome to the next. */
  #startTimer(): void {
    const { timeoutMs } = this.#task;
    this.#stopTimer();
    this.#stopTimer = this.#services.effects.after(timeoutMs, () => {
      const timeout = new TaskError(`No item of the batch ended for ${timeoutMs} ms.`, {
        code: 'attempt_timeout',
        class: 'infrastructure',
      });
      this.#controller.abort(timeout);
    });
  }
}
