import type { Queryable } from '#store';
import type { DriftBin } from './bins.ts';
import { type ListedWindow, listDriftWindows, toListed, WINDOW_COLUMNS, type WindowRow } from './list-windows.ts';
import { STREAMS, type StoredScore, type Stream, type Subject, type Verdict } from './window.ts';

/** Windows in the history of an answer about the present. */
const HISTORY_MAX = 30;
const FILES_MAX = 100;

/** A bin with the rows of the window before; null where there is none. */
type ComparedBin = DriftBin & { readonly before: number | null };

/** All comparisons of one column. */
export interface ReadColumn {
  readonly subject: Subject;
  readonly column: string;
  readonly importance: number | null;
  /** Drift times importance. */
  readonly rank: number;
  readonly verdict: Verdict;
  readonly scores: ReadScore[];
  readonly bins: ComparedBin[];
}

type ReadScore = Omit<StoredScore, 'subject' | 'column' | 'importance' | 'bins' | 'examples'> & {
  readonly examples: Record<string, unknown>[];
};

export interface ReadWindow extends ListedWindow {
  /** Id of the judged window before. */
  readonly before: string | null;
  readonly columns: ReadColumn[];
  readonly unjudged: { readonly subject: Subject; readonly column: string; readonly reason: string }[];
  readonly files: { readonly check: string; readonly file: string | null; readonly rows: number }[];
  readonly fileCount: number;
}

export interface ReadStream {
  readonly stream: Stream;
  readonly sentence: string;
  readonly status: ListedWindow['status'] | 'no-window';
  readonly latest: ReadWindow | null;
  readonly history: ListedWindow[];
}

/** What is known of the drift of a model version. */
export interface Drift {
  readonly model: string;
  /** Null while there is no champion. */
  readonly version: number | null;
  readonly streams: ReadStream[];
}

interface Asked {
  readonly model: string;
  /** Undefined while there is no champion. */
  readonly version: number | undefined;
}

/** What is known of the drift of a model version: its newest window of each stream, and the windows before. */
export async function readDrift(queryable: Queryable, { model, version }: Asked): Promise<Drift> {
  const streams: ReadStream[] = [];
  for (const stream of STREAMS) streams.push(await readStream(queryable, { model, version, stream }));
  return { model, version: version ?? null, streams };
}

async function readStream(queryable: Queryable, asked: Asked & { readonly stream: Stream }): Promise<ReadStream> {
  const { stream, version } = asked;
  if (version === undefined) {
    const sentence = 'There is no champion yet, so there is nothing to compare with. Train a model first.';
    return { stream, sentence, status: 'no-window', latest: null, history: [] };
  }
  const { items } = await listDriftWindows(queryable, { ...asked, limit: HISTORY_MAX });
  const [newest] = items;
  if (newest === undefined) {
    const what = stream === 'data' ? 'rows that arrive' : 'predictions';
    const sentence = `No window of ${what} has been judged for ${asked.model}@${version} yet. A window is judged when it has ended and has rows enough.`;
    return { stream, sentence, status: 'no-window', latest: null, history: [] };
  }
  const latest = await getDriftWindow(queryable, { model: asked.model, id: newest.id });
  return { stream, sentence: newest.sentence, status: newest.status, latest: latest ?? null, history: items };
}

type FoundWindow = WindowRow & Pick<ReadWindow, 'before' | 'unjudged' | 'files' | 'fileCount'>;

const WINDOW = `select ${WINDOW_COLUMNS}, unjudged, jsonb_array_length(files) as "fileCount",
    (select id::text from drift_windows b where b.model = drift_windows.model and b.model_version = drift_windows.model_version
        and b.stream = drift_windows.stream and b.status = 'judged' and b.to_at <= drift_windows.from_at
      order by b.to_at desc limit 1) as before,
    coalesce((select jsonb_agg(jsonb_build_object('check', f.check_id, 'file', c.file, 'rows', f.rows) order by f.place)
       from rows from (jsonb_to_recordset(files) as ("check" text, rows bigint)) with ordinality as f (check_id, rows, place)
       left join checks c on c.id = f.check_id where f.place <= $3), '[]') as files
  from drift_windows where model = $1 and id = $2::bigint`;

/** One window with its comparisons and distributions; undefined when there is none with the id. */
export async function getDriftWindow(
  queryable: Queryable,
  { model, id }: { readonly model: string; readonly id: string },
): Promise<ReadWindow | undefined> {
  const [found] = await queryable.query<FoundWindow>(WINDOW, [model, id, FILES_MAX]);
  if (found === undefined) return undefined;
  const scores = await scoresOf(queryable, id);
  const before = found.before === null ? [] : await scoresOf(queryable, found.before);
  const { unjudged, files, fileCount, before: previous, ...listed } = found;
  return { ...toListed(listed), before: previous, columns: toColumns(scores, before), unjudged, files, fileCount };
}

async function scoresOf(queryable: Queryable, windowId: string): Promise<readonly StoredScore[]> {
  return queryable.query<StoredScore>(
    `select subject, column_name as "column", kind, test,
            jsonb_build_object('reference', reference_rows, 'current', current_rows) as rows, effect, effect_min as "effectMin",
            p_value as "pValue", p_value_max as "pValueMax", threshold, stability_index as "stabilityIndex",
            stability_threshold as "stabilityThreshold", importance, verdict,
            drifted_windows as "driftedWindows", is_sustained as "isSustained", bins, examples
       from drift_scores where window_id = $1::bigint order by subject, column_name, kind`,
    [windowId],
  );
}

function toColumns(scores: readonly StoredScore[], before: readonly StoredScore[]): ReadColumn[] {
  const previous = byColumn(before);
  return [...byColumn(scores)]
    .map(([key, own]) => toColumn(own, previous.get(key) ?? []))
    .sort((a, b) => b.rank - a.rank || (b.importance ?? 1) - (a.importance ?? 1));
}

function byColumn(scores: readonly StoredScore[]): ReadonlyMap<string, readonly StoredScore[]> {
  const columns = new Map<string, StoredScore[]>();
  for (const score of scores) {
    const key = JSON.stringify([score.subject, score.column]);
    columns.set(key, [...(columns.get(key) ?? []), score]);
  }
  return columns;
}

/** What is no feature matters as much as all features together. */
const IMPORTANCE_OF_OTHERS = 1;

function toColumn(scores: readonly StoredScore[], before: readonly StoredScore[]): ReadColumn {
  // Grouping leaves no empty group.
  const [first] = scores as [StoredScore];
  const { subject, column, importance } = first;
  const binsOf = (of: readonly StoredScore[]): readonly DriftBin[] =>
    of.find(({ bins }) => bins.length > 0)?.bins ?? [];
  const earlier = binsOf(before);
  const drifted = scores.filter(({ verdict }) => verdict === 'drifted');
  const effect = Math.max(0, ...(drifted.length > 0 ? drifted : scores).map((score) => score.effect));
  return {
    ...{ subject, column, importance },
    // Drifted columns first: a large effect of few rows is no drift.
    rank: (drifted.length > 0 ? 1 : 0) + effect * (importance ?? IMPORTANCE_OF_OTHERS),
    verdict: drifted.length > 0 ? 'drifted' : 'stable',
    scores: scores.map(({ subject: _, column: __, importance: ___, bins: ____, examples, ...score }) => {
      return { ...score, examples: examples.map((example) => ({ ...example })) };
    }),
    bins: binsOf(scores).map((bin) => ({ ...bin, before: earlier.length === 0 ? null : rowsIn(bin, earlier) })),
  };
}

/** Rows of another window in the same bin; a category that is not listed there had none, or is among the rare ones. */
function rowsIn(bin: DriftBin, bins: readonly DriftBin[]): number {
  const nameOf = (of: DriftBin): string | number | null => {
    if (of.kind === 'range') return of.to;
    return of.kind === 'category' ? of.name : null;
  };
  return bins.find((each) => each.kind === bin.kind && nameOf(each) === nameOf(bin))?.current ?? 0;
}
