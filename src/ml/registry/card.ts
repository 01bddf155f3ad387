import type { Metric } from '../evaluation/evaluation.ts';
import type { ModelManifest } from './manifest.ts';

type Described = Omit<ModelManifest, 'files'>;

/** The model card: what to know before relying on the model, as Markdown. */
export function toCard(manifest: Described): string {
  const { label } = manifest.label;
  const answer =
    label.kind === 'classification' ? `one of ${label.classes.map((name) => code(name)).join(', ')}` : 'a number';
  return [
    `# Model card: ${plain(manifest.model)}`,
    '',
    `Predicts ${code(manifest.label.column)}, ${answer}.`,
    '',
    '## How it was trained',
    '',
    `- Estimator: ${code(manifest.estimator.kind)} with ${code(JSON.stringify(manifest.estimator.settings))}`,
    `- Ties: ${manifest.tieRule}`,
    `- Reads: ${manifest.features.map((name) => code(name)).join(', ')}`,
    `- Trained on ${manifest.trainedOn.rows} rows of dataset version ${code(manifest.trainedOn.datasetVersion)}${splitSentence(manifest)}`,
    `- Code: ${code(manifest.codeKey)}`,
    '',
    `## Evaluation on ${manifest.evaluation.rows} rows that it had not seen`,
    '',
    ...metricTable(manifest),
    ...classTable(manifest),
    ...sliceTable(manifest),
    '## Limits',
    '',
    'The figures hold for rows like those it was tested on. Categories it never saw count as none of the known ones.',
    '',
  ].join('\n');
}

function splitSentence({ trainedOn: { split } }: Described): string {
  return split === undefined ? '' : `, with ${percent(split.testShare)} kept for the test (seed ${split.seed})`;
}

function metricTable({ evaluation }: Described): string[] {
  const rows = Object.entries(evaluation.metrics).map(([name, metric]) => `| ${plain(name)} | ${metricText(metric)} |`);
  return ['| metric | value (95 % confidence) |', '|---|---|', ...rows, ''];
}

function classTable({ evaluation: { classes } }: Described): string[] {
  if (classes === undefined) return [];
  const rows = classes.map(
    (report) =>
      `| ${plain(report.class)} | ${fixed(report.precision)} | ${fixed(report.recall)} | ${fixed(report.f1)} | ${report.support} |`,
  );
  return ['| class | precision | recall | F1 | rows |', '|---|---|---|---|---|', ...rows, ''];
}

function sliceTable({ evaluation: { kind, slices } }: Described): string[] {
  if (slices.length === 0) return [];
  const name = kind === 'classification' ? 'accuracy' : 'mae';
  const rows = slices.map(({ column, value, rows, metrics }) => {
    const metric = metrics[name];
    return `| ${plain(column)} = ${plain(value)} | ${rows} | ${metric === undefined ? 'not known' : metricText(metric)} |`;
  });
  return [`| slice | rows | ${name} |`, '|---|---|---|', ...rows, ''];
}

function metricText({ value, low, high }: Metric): string {
  return low === undefined || high === undefined ? fixed(value) : `${fixed(value)} (${fixed(low)} to ${fixed(high)})`;
}

function fixed(value: number): string {
  return value.toFixed(3);
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

function code(text: string): string {
  return `\`${text.replace(/[`\r\n]/g, ' ')}\``;
}

/** Names come from data; they must not become markup. */
function plain(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\`*_{}[\]<>()#+!|~]/g, '\\$&');
}
