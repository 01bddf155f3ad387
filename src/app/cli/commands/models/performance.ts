import { LABELS_MIN, labelMaturity, performanceByDay } from '#ml';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { withModel } from './run.ts';

export interface PerformanceFlags extends ProjectFlags {
  readonly days: number;
}

const DAY_MS = 86_400_000;
/** Long enough to see how many labels come within 30 days. */
const MATURITY_DAYS = 45;

/** Prints how good the predictions of the last days were, an estimate for those without labels, and how soon labels come. */
export async function showPerformance(options: InProject<PerformanceFlags>): Promise<number> {
  const now = new Date();
  const today = Math.floor(now.getTime() / DAY_MS);
  const bounds = Array.from(
    { length: options.days + 1 },
    (_, index) => new Date((today - options.days + 1 + index) * DAY_MS),
  );
  const found = await withModel(options, async (model, { wiring: { database } }) => {
    const performance = await performanceByDay(database, { model, bounds });
    const since = new Date(now.getTime() - MATURITY_DAYS * DAY_MS);
    return { model, ...performance, maturity: await labelMaturity(database, { model, since, now }) };
  });
  const days = found.days.map((day, index) => ({ day: bounds[index]?.toISOString().slice(0, 10) ?? '', ...day }));
  const answer = { ...found, days, labelsMin: LABELS_MIN };
  options.print(options.json ? `${JSON.stringify(answer)}\n` : printable(toText(answer)));
  return EXIT_CODES.done;
}

type Found = Awaited<ReturnType<typeof performanceByDay>>;
type Performance = Found['total'];

interface Answer extends Found {
  readonly model: string;
  readonly days: readonly (Performance & { readonly day: string })[];
  readonly maturity: Awaited<ReturnType<typeof labelMaturity>>;
}

function toText({ model, days, versions, total, maturity, isComplete }: Answer): string {
  if (total.predictions === 0) return `${model} predicted nothing in the last ${days.length} days\n`;
  const known = maturity.horizons.flatMap(({ afterMinutes, share }) =>
    share === undefined ? [] : [`${toSpan(afterMinutes)} ${percent(share)}`],
  );
  return [
    ...days.filter(({ predictions }) => predictions > 0).map((day) => lineOf(day.day, day)),
    ...(versions.length < 2 ? [] : versions.map((each) => lineOf(`${model}@${each.version}`, each))),
    lineOf('all', total),
    known.length === 0 ? '' : `Labels that have come after ${known.join(', ')}\n`,
    isComplete ? '' : 'More labels are being compared with their predictions; ask again for the final figures.\n',
  ].join('');
}

function lineOf(title: string, { predictions, labelled, metrics, estimate }: Performance): string {
  const few = labelled > 0 && labelled < LABELS_MIN ? ['too few labels to judge by'] : [];
  const parts = [
    `${predictions} predictions`,
    `${labelled} with a label (${percent(labelled / Math.max(1, predictions))})`,
    ...textsOf(metrics, ''),
    ...few,
    ...textsOf(estimate?.metrics ?? {}, 'estimated '),
  ];
  return `  ${[title, ...parts].join('  ')}\n`;
}

const METRICS_SHOWN_MAX = 1;

function textsOf(metrics: Performance['metrics'], before: string): readonly string[] {
  return Object.entries(metrics)
    .slice(0, METRICS_SHOWN_MAX)
    .map(([name, { value, low, high }]) => {
      const interval = low === undefined || high === undefined ? '' : ` (${low.toFixed(4)} to ${high.toFixed(4)})`;
      return `${before}${name} ${value.toFixed(4)}${interval}`;
    });
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const toSpan = (minutes: number): string => (minutes < 1440 ? `${minutes / 60} h` : `${minutes / 1440} d`);
