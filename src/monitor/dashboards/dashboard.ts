/** `label`: numbers in the unit and with the decimals of the contract's label column. */
export type Unit = 'none' | 'label' | 'percent' | 'milliseconds' | 'seconds' | 'count' | 'bytes';
export type ThresholdColor = 'green' | 'orange' | 'red';

/** From `from` upwards the value has this colour; the first threshold starts at -Infinity when `from` is null. No value is grey. */
export interface Threshold {
  readonly from: number | null;
  readonly color: ThresholdColor;
}

/** The list that a bar leads to, filtered by the time of its bucket. */
export interface PanelLink {
  readonly list: 'files' | 'predictions';
  /** The filter of the list that the metric of the bar is a value of. */
  readonly metric?: 'verdict' | 'source';
}

/**
 * What a viewer chooses some values of. Panels write `${name:sqlstring}`, which is the chosen values as SQL texts with
 * commas between, or `'*'` while all are chosen: `'*' in (${name:sqlstring}) or column in (${name:sqlstring})`.
 */
export interface Variable {
  readonly name: string;
  readonly title: string;
  /** Selects the values to choose from, one text in each row; it may use the macros of time. */
  readonly sql: string;
}

/**
 * One panel: data only. The SQL may use the Grafana macros listed in `macros.ts`, so the same text serves Grafana.
 * `timeseries` and `bars` read columns `time`, `value` and optionally `metric`; `heatmap` reads `time`, `metric` and `value`, one cell
 * for each row; `categories` reads `category`, `value` and optionally `metric`; `histogram` reads `low`, `high`, `value` and `metric`,
 * where the bins at both ends lack a bound; `stat` reads `value`; `table` shows all columns, a column named `link` is a path in the web app.
 * A missing value is a gap, never a zero. `percent` counts from 0 to 100.
 */
export interface Panel {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly kind: 'timeseries' | 'stat' | 'bars' | 'heatmap' | 'table' | 'categories' | 'histogram';
  readonly sql: string;
  readonly unit: Unit;
  readonly thresholds: readonly Threshold[];
  /** Draw series on top of each other. */
  readonly stacked?: boolean;
  /** Metric name to a colour that means something, for example good to green. */
  readonly colors?: Readonly<Record<string, ThresholdColor | 'grey' | 'blue'>>;
  /** Where a bar leads. */
  readonly link?: PanelLink;
  /** Width in columns of 24, height in rows of 30 px, as Grafana counts. */
  readonly width: number;
  readonly height: number;
}

export interface Dashboard {
  readonly id: string;
  readonly title: string;
  readonly audience: string;
  readonly windows: readonly { readonly label: string; readonly minutes: number }[];
  readonly defaultWindowMinutes: number;
  readonly refreshSeconds: number;
  readonly variables: readonly Variable[];
  readonly panels: readonly Panel[];
}
