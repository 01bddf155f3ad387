import { routes } from '#api';
import type { PredictionClient } from '#pipelines';
import { toPredictionAnswer } from './prediction-answer.ts';

/** Asks the API of a Weir on another machine for scheduled predictions, which are stored there. */
export function httpPredictionClient(
  apiUrl: string,
  { fetch }: { readonly fetch: typeof globalThis.fetch } = globalThis,
): PredictionClient {
  return {
    predict: async ({ rows, version, idempotencyKey, signal }) => {
      const answer = await fetch(new URL(`${routes.predict.path}?version=${version}`, apiUrl), {
        method: routes.predict.method,
        headers: {
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
          'x-weir-source': 'scheduled',
        },
        body: JSON.stringify(rows),
        signal,
      });
      const text = await answer.text();
      return answer.ok ? { kind: 'stored' } : toPredictionAnswer({ status: answer.status, text, rows: rows.length });
    },
  };
}
