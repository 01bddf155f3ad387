import { setTimeout as pause } from 'node:timers/promises';
import type { ClientReadableStream } from '@grpc/grpc-js';
import type { ExecuteAnswer, Plan } from './messages.ts';
import { isConnectionLost, isKnownOperation, isUnknownOperation } from './spark-errors.ts';
import type { SparkStub } from './spark-stub.ts';

/** Who asks: fields of every request. */
export interface Asker {
  readonly session_id: string;
  readonly user_context: { readonly user_id: string; readonly user_name: string };
  readonly client_type: string;
}

export interface Operation {
  readonly stub: SparkStub;
  readonly asker: Asker;
  readonly plan: Plan;
  readonly operationId: string;
  readonly tags: readonly string[];
}

/** With pauses from a tenth of a second, which double up to five: a server may be away for some 45 s. */
const ATTEMPTS_MAX = 14;
const PAUSE_MS = 100;
const PAUSE_MS_MAX = 5_000;

/**
 * The answers of a statement, each once. The server runs it whether or not anyone listens: a stream that ends early, or a
 * connection that is lost, is attached to again behind the last answer that came. What came is released there.
 */
export async function* answersOf(operation: Operation, signal: AbortSignal): AsyncGenerator<ExecuteAnswer> {
  const { stub, asker, operationId } = operation;
  const known = { ...asker, operation_id: operationId };
  let last: string | undefined;
  let failures = 0;
  let stream = execute(operation);
  for (;;) {
    try {
      for await (const answer of answersIn(stream, signal)) {
        failures = 0;
        last = answer.response_id;
        if (answer.result_complete) return void (await release(stub, { ...known, release_all: {} }));
        yield answer;
        void release(stub, { ...known, release_until: { response_id: last } });
      }
      stream = reattach(stub, known, last);
    } catch (error) {
      const isNew = last === undefined && isUnknownOperation(error);
      if (signal.aborted || !(isConnectionLost(error) || isKnownOperation(error) || isNew)) throw error;
      failures++;
      if (failures >= ATTEMPTS_MAX) throw error;
      await pause(Math.min(PAUSE_MS * 2 ** failures, PAUSE_MS_MAX), undefined, { signal });
      stream = isNew ? execute(operation) : reattach(stub, known, last);
    }
  }
}

type AnswerStream = ClientReadableStream<unknown>;

function execute({ stub, asker, plan, operationId, tags }: Operation): AnswerStream {
  const options = [{ reattach_options: { reattachable: true } }];
  return stub.listen('ExecutePlan', { ...asker, plan, operation_id: operationId, tags, request_options: options });
}

function reattach(stub: SparkStub, known: object, last: string | undefined): AnswerStream {
  return stub.listen('ReattachExecute', { ...known, ...(last === undefined ? {} : { last_response_id: last }) });
}

async function* answersIn(stream: AnswerStream, signal: AbortSignal): AsyncGenerator<ExecuteAnswer> {
  const cancel = (): void => stream.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    if (signal.aborted) cancel();
    // The protocol describes each answer.
    for await (const answer of stream) yield answer as ExecuteAnswer;
  } finally {
    signal.removeEventListener('abort', cancel);
    stream.cancel();
  }
}

/** The server keeps answers that are not released for some minutes at most, so that a failure here costs memory and nothing else. */
async function release(stub: SparkStub, request: Readonly<Record<string, unknown>>): Promise<void> {
  await stub.ask('ReleaseExecute', request).catch(() => {});
}
