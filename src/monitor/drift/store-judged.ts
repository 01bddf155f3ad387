import type { Queryable } from '#store';
import type { Judged } from './judge-window.ts';
import { saveWindow, type WindowBounds } from './save-window.ts';
import { judgedSentence, noReferenceSentence, type Told, tooFewSentence } from './sentence.ts';
import { sustainedDrift, type WindowVerdicts } from './sustained.ts';
import type { ComparisonKey, StoredScore, WindowStatus } from './window.ts';

/** A window and what was found in it. */
export interface WindowResult extends WindowBounds {
  readonly status: WindowStatus;
  readonly rows: number;
  readonly judged: Judged;
  readonly files: readonly { readonly check: string; readonly rows: number }[];
}

export interface StoreOptions {
  readonly sustained: { readonly k: number; readonly n: number };
  readonly rowsMin: number;
  readonly runId: string;
  /** Gets the sentence of each window. */
  readonly log: (sentence: string) => void;
}

/** Stores windows in the order of their time, so that each knows in how many of the windows before it something drifted. */
export async function storeJudged(
  tx: Queryable,
  results: readonly WindowResult[],
  { sustained, rowsMin, runId, log }: StoreOptions,
): Promise<number> {
  let written = 0;
  for (const result of [...results].sort((one, other) => one.from.getTime() - other.from.getTime())) {
    const { judged, status, ...bounds } = result;
    const scores = status === 'judged' ? await withHistory(tx, { bounds, judged, sustained }) : [];
    const told = { ...bounds, scores, sustained, rowsMin };
    const { unjudged, challenge } = judged;
    const window = { ...bounds, status, scores, unjudged, challenge, sustained, runId };
    const sentence = SENTENCES[status](told);
    log(sentence);
    written += await saveWindow(tx, { ...window, sentence });
  }
  return written;
}

const SENTENCES: Readonly<Record<WindowStatus, (told: Told) => string>> = {
  judged: judgedSentence,
  'too-few-rows': tooFewSentence,
  'no-reference': noReferenceSentence,
};

/** The scores with the number of windows that each drifted in: this one, and the judged ones of its version before it. */
async function withHistory(
  tx: Queryable,
  given: { readonly bounds: WindowBounds; readonly judged: Judged } & Pick<StoreOptions, 'sustained'>,
): Promise<readonly StoredScore[]> {
  const { bounds, judged, sustained } = given;
  const before = await driftedBefore(tx, bounds, sustained.n - 1);
  const windows = [...before, judged.scores.filter(({ verdict }) => verdict === 'drifted')].map(toVerdicts);
  const counts = new Map(sustainedDrift(windows, { k: 1, n: sustained.n }).map((each) => [each.column, each.windows]));
  return judged.scores.map((score) => {
    const driftedWindows = counts.get(keyOf(score)) ?? 0;
    return { ...score, driftedWindows, isSustained: driftedWindows >= sustained.k };
  });
}

const keyOf = ({ subject, column, kind }: ComparisonKey): string => JSON.stringify([subject, column, kind]);

/** Comparisons are counted by their whole key, of which a column and its kind are a part. */
const toVerdicts = (drifted: readonly ComparisonKey[]): WindowVerdicts => ({
  scores: drifted.map((score) => ({ column: keyOf(score), kind: 'distribution', verdict: 'drifted' })),
});

/** What drifted in the newest judged windows before this one, oldest first. */
async function driftedBefore(
  tx: Queryable,
  { model, version, stream, from }: WindowBounds,
  count: number,
): Promise<readonly (readonly ComparisonKey[])[]> {
  const rows = await tx.query<{ readonly drifted: readonly ComparisonKey[] }>(
    `select coalesce((
              select jsonb_agg(jsonb_build_object('subject', subject, 'column', column_name, 'kind', kind))
                from drift_scores s where s.window_id = w.id and s.verdict = 'drifted'), '[]') as drifted
       from (select id, to_at from drift_windows
              where model = $1 and model_version = $2 and stream = $3 and status = 'judged' and to_at <= $4
              order by to_at desc limit $5) as w order by w.to_at`,
    [model, version, stream, from, count],
  );
  return rows.map(({ drifted }) => drifted);
}
