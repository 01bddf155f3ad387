import { routes } from '#api';
import { TaskError } from '#engine';
import type { PredictionClient } from '#pipelines';

/** Answers that say the rows are at fault; nothing was stored, and asking again changes nothing. */
const REFUSALS: readonly number[] = [400, 413, 422];
const CONFLICT = 409;
const REASON_LENGTH_MAX = 500;

/** Calls the API of a running Weir, as the scheduled predictions do. What may pass by itself is an error that the engine retries. */
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
      if (answer.ok) return { kind: 'stored' };
      const reason = `${routes.predict.path} answered ${answer.status}: ${text.slice(0, REASON_LENGTH_MAX)}`;
      if (REFUSALS.includes(answer.status)) return { kind: 'refused', reason };
      if (answer.status === CONFLICT) return { kind: 'conflict', reason };
      throw new TaskError(`Expected ${rows.length} prediction(s) to be stored; ${reason}`, { class: 'infrastructure' });
    },
  };
}
