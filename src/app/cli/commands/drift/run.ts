import { assertVersion, championOf } from '#ml';
import { type Drift, readDrift } from '#monitor';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { tableLines } from '../../table-lines.ts';
import { withModel } from '../models/run.ts';

/** Says what is known of the drift of a model version, the champion unless one is given. */
export async function showDrift(version: number | undefined, options: InProject<ProjectFlags>): Promise<number> {
  const drift = await withModel(options, async (model, { wiring: { database } }) => {
    if (version !== undefined) await assertVersion(database, { model, version });
    return readDrift(database, { model, version: version ?? (await championOf(database, model))?.version });
  });
  options.print(options.json ? `${JSON.stringify(drift)}\n` : printable(drift.streams.map(streamText).join('\n')));
  return EXIT_CODES.done;
}

type ReadStream = Drift['streams'][number];

const TITLES: Readonly<Record<ReadStream['stream'], string>> = { data: 'Arriving rows', predictions: 'Predictions' };

function streamText({ stream, sentence, latest }: ReadStream): string {
  const head = `${TITLES[stream]}: ${sentence}\n`;
  if (latest === null) return head;
  const period = `  ${latest.from} to ${latest.to}, ${latest.rows} rows${latest.lateRows > 0 ? `, ${latest.lateRows} more came later` : ''}\n`;
  const rows = latest.columns.flatMap(({ subject, column, importance, scores }) =>
    scores.map((score) => [
      subject === 'feature' ? column : subject,
      score.kind,
      score.verdict === 'drifted' ? 'DRIFTED' : 'stable',
      percent(score.effect),
      percent(score.threshold),
      score.pValue === null ? '–' : score.pValue.toPrecision(2),
      `${score.driftedWindows} of ${latest.sustained.n}`,
      percent(importance),
    ]),
  );
  if (rows.length === 0) return `${head}${period}`;
  const names = ['column', 'kind', 'verdict', 'moved by', 'limit', 'p-value', 'windows', 'importance'];
  return `${head}${period}${tableLines([names, ...rows])}`;
}

const percent = (share: number | null): string => (share === null ? '–' : `${(share * 100).toFixed(1)} %`);
