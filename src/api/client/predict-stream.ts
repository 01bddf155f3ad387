import type { z } from 'zod';
import { NDJSON_TYPE, type predictLine, predictLineAnswer } from '../predictions.ts';
import { routes } from '../routes.ts';
import { versionedPath } from '../versions.ts';
import { type Refusal, type Request, RequestError, readAnswer, toUrl, unexpectedAnswer } from './exchange.ts';
import { RowSource } from './row-source.ts';

/** A row to predict: features by column name. */
export type StreamedRow = z.input<typeof predictLine>;
type LineAnswer = z.output<typeof predictLineAnswer>;
type End = Extract<LineAnswer, { readonly end: unknown }>['end'];
/** What came of one row: its prediction, or `problem`, why it has none. `line` is the number of the row, from 1. */
export type StreamedPrediction = Exclude<LineAnswer, { readonly end: unknown }>;

/** How the rows of a stream are predicted, and the signal that ends it. */
export interface PredictStreamOptions {
  readonly query?: Request<'predict'>['query'];
  readonly headers?: Request<'predict'>['headers'];
  readonly signal?: AbortSignal;
}

/** A stream of predictions ended before all of its rows were answered. */
export class PredictStreamError extends RequestError {
  /** How many rows were answered, with a prediction or a problem: always the first ones. */
  readonly answered: number;
  constructor(status: number, body: Refusal, { answered, ...options }: ErrorOptions & { readonly answered: number }) {
    const rows = answered === 1 ? '1 row was answered' : `${answered} rows were answered`;
    super(status, { ...body, detail: `${body.detail} ${rows} before.` }, options);
    this.answered = answered;
  }
}

/** Where a stream goes. */
export interface StreamAddress {
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Time from the first row until the answer begins. */
  readonly timeoutMs: number;
}

type Sending = StreamAddress & PredictStreamOptions & { readonly fetch: typeof fetch };

/** Sends rows no faster than their predictions are taken, and yields what comes of each, in their order. */
export async function* predictStream(
  rows: AsyncIterable<StreamedRow> | Iterable<StreamedRow>,
  sending: Sending,
): AsyncGenerator<StreamedPrediction, void, undefined> {
  const source = new RowSource(rows);
  // Ends the request when nobody takes more, or when its answer does not begin.
  const stop = new AbortController();
  let answered = 0;
  let end: End | undefined;
  try {
    const response = await begin(source, { ...sending, stop });
    for await (const line of linesOf(response)) {
      const answer = parse(line);
      if ('end' in answer) {
        end = answer.end;
      } else {
        answered += 1;
        yield answer;
      }
    }
    if (end?.isComplete !== true) throw endedEarly(end);
  } catch (cause) {
    throw toStreamError(cause, { answered, source, signal: sending.signal });
  } finally {
    stop.abort();
    source.close();
  }
}

async function begin(
  source: RowSource<StreamedRow>,
  {
    url,
    apiKey,
    timeoutMs,
    query = {},
    headers = {},
    signal,
    fetch,
    stop,
  }: Sending & { readonly stop: AbortController },
): Promise<Response> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const body = source.toBody(() => {
    timer = setTimeout(() => stop.abort(tooLate(timeoutMs)), timeoutMs);
  });
  const given = Object.entries(headers).filter(([, value]) => value !== undefined);
  const path = toUrl({ path: versionedPath(routes.predict.path) }, { query });
  try {
    const response = await fetch(new URL(path, url), {
      method: routes.predict.method,
      headers: {
        ...{ accept: `${NDJSON_TYPE}, application/problem+json`, 'content-type': NDJSON_TYPE },
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        ...Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
      },
      body,
      signal: signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]),
      // Node asks for it beside a body that is a stream; the type of RequestInit lacks it.
      ...{ duplex: 'half' },
    });
    // Throws the error that the answer is.
    if (!response.ok) await readAnswer(routes.predict, response);
    return response;
  } finally {
    clearTimeout(timer);
  }
}

async function* linesOf({ body }: Response): AsyncGenerator<string> {
  if (body === null) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    // What is left is of a stream that ended or was ended.
    reader.cancel().catch(() => undefined);
  }
}

function parse(line: string): LineAnswer {
  const parsed = predictLineAnswer.safeParse(JSON.parse(line));
  if (!parsed.success) throw unexpectedAnswer(routes.predict, 200, parsed.error);
  return parsed.data;
}

function endedEarly(end: End | undefined): RequestError {
  const { problem } = end ?? {};
  return problem === undefined
    ? new RequestError(0, { code: 'stream-cut', detail: 'The connection ended before the stream did.' })
    : new RequestError(problem.status, problem);
}

interface Ending {
  readonly answered: number;
  readonly source: RowSource<StreamedRow>;
  readonly signal: AbortSignal | undefined;
}

/** The first reason counts: rows that fail also break the request, and so does a signal. */
function toStreamError(cause: unknown, { answered, source, signal }: Ending): PredictStreamError {
  const failed = (code: string, detail: string, reason: unknown) =>
    new PredictStreamError(0, { code, detail }, { answered, cause: reason });
  if (source.failure !== undefined) {
    const { error } = source.failure;
    return failed(
      'rows-failed',
      `The rows could not be read: ${error instanceof Error ? error.message : error}.`,
      error,
    );
  }
  if (signal?.aborted === true) return failed('aborted', 'The signal of the stream ended it.', signal.reason);
  if (cause instanceof RequestError) return new PredictStreamError(cause.status, cause.body, { answered, cause });
  const detail = 'The server could not be reached, or the connection ended before the stream did.';
  return failed(answered === 0 ? 'unreachable' : 'stream-cut', detail, cause);
}

function tooLate(timeoutMs: number): RequestError {
  const detail = `Expected an answer to begin within ${timeoutMs} ms of the first row.`;
  return new RequestError(0, { code: 'unreachable', detail });
}
