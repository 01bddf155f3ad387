import type { TaskOutput } from './outputs.ts';

type Described = Pick<TaskOutput, 'kind' | 'preview' | 'sizeBytes' | 'rowCount' | 'table' | 'sink' | 'isStored'>;

/** What an output is, in a few words: `CSV, 891 rows, 12 columns, 60 KB`. The size is text already. */
export function describeOutput(output: Described, sizeText: string): string {
  const { kind, preview, sizeBytes, rowCount } = output;
  if (kind === 'rows') return `${toCountText(rowCount ?? 0, 'row')} in ${tableOf(output)}`;
  if (sizeBytes === 0) return 'empty';
  const parts = [contentOf(output), ...sizesOf(preview), sizeText];
  return [...parts, ...(output.isStored ? [] : ['removed or replaced since'])].join(', ');
}

function tableOf({ table, sink }: Described): string {
  const place = sink === null ? "Weir's own database" : `sink ${sink}`;
  return table === null ? place : `table ${table} of ${place}`;
}

function contentOf({ kind, preview }: Described): string {
  if (kind === 'value') return 'value';
  const content = preview === null || preview.kind === 'none' ? 'bytes' : CONTENTS[preview.kind];
  const format = preview?.kind === 'table' ? (preview.format === 'csv' ? 'CSV' : 'Parquet') : content;
  return kind === 'file' ? `file: ${format}` : format;
}

const CONTENTS = { json: 'JSON', text: 'text', image: 'image', table: 'table' } as const;

function sizesOf(preview: Described['preview']): readonly string[] {
  if (preview?.kind !== 'table') return [];
  const { rows, rowCount, columnCount } = preview;
  const count = rowCount === null ? 'more rows than were counted' : toCountText(rowCount, 'row');
  const shown = rowCount !== null && rowCount <= rows.length ? '' : ` (the first ${rows.length} shown)`;
  return [`${count}${shown}`, toCountText(columnCount, 'column')];
}

const toCountText = (count: number, singular: string): string =>
  `${count.toLocaleString('en-US')} ${singular}${count === 1 ? '' : 's'}`;
