import { type Html, html } from './html.ts';

/** Where a part of the file is: bad rows, or the file as a whole. */
export interface ReportedPart {
  readonly part: string;
  readonly path: string;
}

const LABELS: Readonly<Record<string, string>> = {
  good: 'Good rows',
  bad: 'Bad rows',
  reasons: 'Reasons of the bad rows',
  rejected: 'Unreadable records',
};
const PLACE = '<span data-parts=""></span>';

/** A placeholder where a report names the files with the rows; empty until it is filled. */
export const partsPlace = (): Html => html`<span data-parts=""></span>`;

/**
 * Names the files with the rows in a report. Like trends, they are not part of the stored report: another check of the
 * same file gives the same report.
 */
export function withParts(report: string, parts: readonly ReportedPart[]): string {
  if (parts.length === 0) return report;
  const lines = parts.map(({ part, path }) => html`<dt>${LABELS[part] ?? part}</dt><dd><code>${path}</code></dd>`);
  return report.replace(PLACE, () => html`<dl>${lines}</dl>`.text);
}
