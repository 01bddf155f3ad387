import { describeOutput } from '#api';
import { type StoredVersion, shortDigest } from '#engine';
import type { DescribedOutput } from '#server';
import { toSizeText } from '#store';
import { gridText } from '../result/table-text.ts';

const LINES_SHOWN = 12;
const ROWS_SHOWN = 10;

/** A result as lines of text. */
export function resultText(version: StoredVersion, outputs: readonly DescribedOutput[]): string {
  const { key, code, runId, committedAt, acceptedFrom, inputs } = version;
  const by =
    acceptedFrom !== null ? `accepted from version ${acceptedFrom}` : runId === null ? 'made' : `made by run ${runId}`;
  const read = Object.entries(inputs).map(
    ([name, input]) => `  input   ${name}: ${input.task}${input.key === '' ? '' : `, key ${shortDigest(input.key)}`}\n`,
  );
  return [
    `  version ${version.version}, ${by} at ${committedAt.toISOString()}\n`,
    `  key     ${shortDigest(key)}, ${shortCode(code)}\n`,
    ...read,
    ...outputs.map(outputText),
  ].join('');
}

const shortCode = (code: string): string =>
  code.startsWith('code:') ? `code ${shortDigest(code.slice('code:'.length))}` : code.replace(':', ' ');

function outputText(output: DescribedOutput): string {
  const size = output.sizeBytes === null ? '' : toSizeText(output.sizeBytes);
  const digest = output.kind === 'rows' ? '' : `, digest ${shortDigest(output.digest)}`;
  const links = output.links.map(({ kind, id }) => (id === null ? kind : `${kind} ${id}`));
  const lines = [
    `${describeOutput(output, size)}${digest}`,
    ...(output.path === null ? [] : [output.path]),
    ...(links.length === 0 ? [] : [`shown as ${links.join(', ')}`]),
    ...previewLines(output.preview),
  ];
  return `  output  ${output.name}: ${lines.join('\n    ')}\n`;
}

function previewLines(preview: DescribedOutput['preview']): readonly string[] {
  switch (preview?.kind) {
    case 'json':
    case 'text': {
      const lines = preview.text.trimEnd().split('\n');
      const hidden = lines.length - LINES_SHOWN;
      if (hidden <= 0) return [...lines, ...(preview.isCut ? ['…'] : [])];
      return [...lines.slice(0, LINES_SHOWN), `… ${hidden} more lines${preview.isCut ? ', and what follows' : ''}`];
    }
    case 'table':
      return gridText(preview.columns, preview.rows.slice(0, ROWS_SHOWN));
    default:
      return [];
  }
}
