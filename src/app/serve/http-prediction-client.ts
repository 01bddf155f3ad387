import { errorBody, routes } from '#api';
import type { PredictionClient } from '#pipelines';
import { type OutgoingFetch, outgoingFetch, traceHeaders } from '#store';
import { refusalText, toPredictionAnswer } from './prediction-answer.ts';

const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
const TIMEOUT_MS = 120_000;
// The other Weir is usually in the network of this one; a redirect of it is not followed.
const EFFECTS = {
  fetch: outgoingFetch({ privateHosts: 'all', answerBytesMax: ANSWER_BYTES_MAX, timeoutMs: TIMEOUT_MS }),
};

/** The API of another Weir, and the key that it asks for; empty where it has no login. */
export interface RemoteApi {
  readonly apiUrl: string;
  readonly apiKey: string;
}

/** Asks the API of a Weir on another machine for scheduled predictions, which are stored there. */
export function httpPredictionClient(
  { apiUrl, apiKey }: RemoteApi,
  { fetch }: { readonly fetch: OutgoingFetch } = EFFECTS,
): PredictionClient {
  return {
    predict: async ({ rows, version, idempotencyKey, signal }) => {
      const answer = await fetch(new URL(`${routes.predict.path}?version=${version}`, apiUrl), {
        method: routes.predict.method,
        headers: {
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
          'x-weir-source': 'scheduled',
          ...traceHeaders(),
          ...(apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        body: JSON.stringify(rows),
        signal,
      });
      const text = toReason(await answer.text());
      return answer.ok ? { kind: 'stored' } : toPredictionAnswer({ status: answer.status, text, rows: rows.length });
    },
  };
}

/** What an error of the API says; the text itself when something else answered, such as a proxy. */
function toReason(text: string): string {
  try {
    return refusalText(errorBody.parse(JSON.parse(text)));
  } catch {
    return text;
  }
}
