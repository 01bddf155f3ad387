import { routes } from '#api';
import type { PredictionClient } from '#pipelines';

/** Calls the API of a running Weir, as the scheduled predictions do. Any answer but 2xx is an error, which the engine retries. */
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
      if (!answer.ok) {
        throw new Error(
          `Expected ${routes.predict.path} to store ${rows.length} prediction(s); it answered ${answer.status}: ${text.slice(0, 500)}`,
        );
      }
    },
  };
}
