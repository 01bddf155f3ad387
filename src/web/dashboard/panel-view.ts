import type { DashboardRows, Panel } from '#api';
import type { NumberStyle } from '../format.ts';
import type { Scheme, Tone } from '../tones.ts';

export type PanelRow = DashboardRows['panels'][string]['rows'][number];

/** A panel with what its query returned over a window. */
export interface PanelView {
  readonly panel: Panel;
  readonly rows: readonly PanelRow[];
  readonly from: string;
  readonly to: string;
  /** How numbers of the unit `label` are written. */
  readonly label?: NumberStyle | undefined;
}

/** What a chart depends on besides its data. */
export interface ChartLook {
  readonly scheme: Scheme;
  /** Not enough room for a legend and long labels. */
  readonly isNarrow: boolean;
}

/** A cell as a number: PostgreSQL's bigint and numeric arrive as text. */
export function maybeNumber(cell: PanelRow[string] | undefined): number | undefined {
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : undefined;
  if (typeof cell !== 'string' || cell.trim() === '') return undefined;
  const value = Number(cell);
  return Number.isFinite(value) ? value : undefined;
}

/** The tone a value has by the panel's thresholds: the last one that starts at or below it. No value is grey. */
export function toneOf(value: number | undefined, thresholds: Panel['thresholds']): Tone | undefined {
  if (value === undefined) return 'grey';
  const ordered = [...thresholds].sort((a, b) => (a.from ?? -Infinity) - (b.from ?? -Infinity));
  return ordered.findLast(({ from }) => from === null || value >= from)?.color;
}
