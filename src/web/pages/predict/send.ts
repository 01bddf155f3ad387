import type { MadePrediction, RowProblem } from '#api';
import { call, RequestError } from '../../client.ts';
import type { ConvertedRow } from '../../csv/convert.ts';
import { type Options, toHeaders, toQuery } from './PredictOptions.tsx';

/** Well below the server's limit, so that a slow connection shows progress and one refused chunk costs little. */
const CHUNK_ROWS = 1_000;

export interface Sending {
  /** Names this upload: the same key and chunk are stored once, whoever sends again. */
  readonly key: string;
  readonly options: Options;
  readonly onProgress: (sent: number) => void;
  readonly signal?: AbortSignal;
}

/** The server found something wrong with rows; `number` is the row's place in the file. */
export class RowsRefused extends Error {
  override readonly name = 'RowsRefused';
  readonly problems: readonly (RowProblem & { readonly number: number })[];
  constructor(problems: RowsRefused['problems'], options: ErrorOptions) {
    super(`The server refused ${problems.length} cells. Correct them and send the file again.`, options);
    this.problems = problems;
  }
}

/** A random name that also works where the page is served without TLS, unlike `crypto.randomUUID`. */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Predicts many rows, one chunk after the other. Chunks predicted before an error stay stored, under the same keys. */
export async function predictRows(rows: readonly ConvertedRow[], sending: Sending): Promise<MadePrediction[]> {
  const predictions: MadePrediction[] = [];
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    const chunk = rows.slice(start, start + CHUNK_ROWS);
    predictions.push(...(await predictChunk(chunk, { ...sending, key: `${sending.key}-${start}` })));
    sending.onProgress(predictions.length);
  }
  return predictions;
}

async function predictChunk(
  chunk: readonly ConvertedRow[],
  { key, options, signal }: Sending,
): Promise<MadePrediction[]> {
  try {
    const answer = await call('predict', {
      query: toQuery(options),
      headers: toHeaders(options, key),
      body: chunk.map(({ sent }) => sent),
      ...(signal === undefined ? {} : { signal }),
    });
    return answer.predictions;
  } catch (error) {
    if (!(error instanceof RequestError) || error.body.problems === undefined) throw error;
    const problems = error.body.problems.map((problem) => ({ ...problem, number: chunk[problem.row]?.number ?? 0 }));
    throw new RowsRefused(problems, { cause: error });
  }
}
