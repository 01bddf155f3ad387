import type { Readable } from 'node:stream';
import { CoercionCounts } from '#contracts';
import { ServerError } from '../errors.ts';
import { toBody, toServerError } from '../to-server-error.ts';
import type { ContractRows } from './contract-rows.ts';
import { lineBatches } from './line-batches.ts';
import { type LineAnswer, predictLines } from './predict-lines.ts';
import type { PredictionChoice, PredictionService } from './prediction-service.ts';

/** Lines that are predicted and committed together; with an idempotency key every batch but the last has as many. */
export const STREAM_BATCH_LINES = 500;

/** Bytes of such lines: a batch ends with the line that reaches them. */
const STREAM_BATCH_BYTES = 4 * 1024 * 1024;

/** What was predicted of one batch, and how long that took. */
export interface PredictedBatch {
  readonly modelVersion: string;
  readonly rows: number;
  readonly seconds: number;
}

export interface PredictionStreamOptions extends PredictionChoice {
  readonly service: Pick<PredictionService, 'predictChecked'>;
  readonly read: (body: unknown) => ContractRows;
  readonly requestId: string;
  readonly limits: {
    readonly streamLineBytes: number;
    readonly streamIdleMs: number;
    readonly explainedRows: number;
  };
  /** Ends the stream early: the client is gone, or the server stops. Its reason is the error of the last line. */
  readonly signal: AbortSignal;
  /** Told how many bytes of the body are in memory; throws when there is no room for them. */
  readonly onHeld: (bytes: number) => void;
  readonly monotonicMs: () => number;
  /** Counts predictions that were answered. */
  readonly onPredicted: (batch: PredictedBatch) => void;
  /** Notes why the stream ended before its body did. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * The answer to a stream of rows, as blocks of lines. For each line of the body, in order, one line: a prediction, which
 * is committed before it is written, or a problem. The last line says how many there were, so that a stream that was cut
 * off is told from one that ended. Each batch is taken from the body when the lines of the one before were taken by the
 * client, so that memory is that of a batch.
 */
export async function* predictionStream(
  body: Readable,
  {
    service,
    read,
    requestId,
    limits,
    signal,
    onHeld,
    monotonicMs,
    onPredicted,
    onFailure,
    ...choice
  }: PredictionStreamOptions,
): AsyncGenerator<string> {
  const counts = { predicted: 0, refused: 0 };
  const changes = new CoercionCounts();
  const { idempotencyKey } = choice;
  let failure: ServerError | undefined;
  try {
    let number = 0;
    const batches = lineBatches(blocksOf(body, { idleMs: limits.streamIdleMs, signal }), {
      linesMax: choice.isExplained === true ? limits.explainedRows : STREAM_BATCH_LINES,
      batchBytesMax: STREAM_BATCH_BYTES,
      lineBytesMax: limits.streamLineBytes,
      onHeld,
      isFixed: idempotencyKey !== undefined,
    });
    for await (const lines of batches) {
      number += 1;
      const startedMs = monotonicMs();
      // No key of another request holds a line feed, which no header can.
      const key = idempotencyKey === undefined ? {} : { idempotencyKey: `${idempotencyKey}\nbatch ${number}` };
      const answers = await predictLines(lines, { ...choice, ...key, service, read, startedMs });
      const refused = answers.filter((answer) => 'problem' in answer).length;
      counts.predicted += answers.length - refused;
      counts.refused += refused;
      for (const answer of answers)
        if ('prediction' in answer && answer.prediction.coerced !== undefined)
          changes.addAll(answer.prediction.coerced);
      const [modelVersion] = answers.flatMap((answer) => ('problem' in answer ? [] : answer.prediction.modelVersion));
      if (modelVersion !== undefined)
        onPredicted({ modelVersion, rows: answers.length - refused, seconds: (monotonicMs() - startedMs) / 1000 });
      yield answers.map((answer) => toText(answer, requestId)).join('');
      signal.throwIfAborted();
    }
  } catch (error) {
    failure = toServerError(error, requestId);
    onFailure(error);
  }
  const problem = failure === undefined ? {} : { problem: toBody(failure, requestId) };
  const coerced = changes.maybeCoerced();
  const end = { isComplete: failure === undefined, ...counts, ...(coerced && { coerced }), ...problem };
  yield `${JSON.stringify({ end })}\n`;
}

function toText(answer: LineAnswer, requestId: string): string {
  const { line } = answer;
  const said =
    'problem' in answer ? { line, problem: toBody(answer.problem, requestId) } : { line, ...answer.prediction };
  return `${JSON.stringify(said)}\n`;
}

/** The blocks of a body as they arrive. Throws when none arrives for too long, or the signal aborts. */
async function* blocksOf(
  body: Readable,
  { idleMs, signal }: { readonly idleMs: number; readonly signal: AbortSignal },
): AsyncGenerator<Buffer> {
  // Destroying the body would also end the connection that the last line goes through.
  const blocks = body.iterator({ destroyOnReturn: false });
  for (;;) {
    const next = await within(blocks.next(), { idleMs, signal });
    if (next.done === true) return;
    // A body without an encoding is read as buffers.
    yield next.value as Buffer;
  }
}

async function within<T>(
  work: Promise<T>,
  { idleMs, signal }: { readonly idleMs: number; readonly signal: AbortSignal },
): Promise<T> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const early = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(idle(idleMs)), idleMs);
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
  });
  try {
    return await Promise.race([work, early]);
  } finally {
    stop();
    // Once the stream has ended early, nobody waits for what else arrives.
    work.catch(() => undefined);
  }
}

function idle(idleMs: number): ServerError {
  return new ServerError(
    'request_timeout',
    `Expected the next row within ${Math.ceil(idleMs / 1000)} seconds. End the body when there are no more rows.`,
  );
}
