import type { Panel } from '#api';

/** What was clicked in a chart over time. */
export interface PickedBar {
  /** The begin of its bucket. */
  readonly time: number;
  readonly metric: string;
}

/** The page of the rows that a bar counts, and the filters of its list. */
export interface ListPlace {
  readonly to: '/data' | '/past-predictions';
  readonly search: Readonly<Record<string, string>>;
}

/** Where a click on a bar leads: the list that its panel counts, over the bucket of the bar. */
export function toListPlace(panel: Panel, bar: PickedBar, bucketSeconds: number): ListPlace | undefined {
  const end = bar.time + bucketSeconds * 1000 - 1;
  return placeOf(panel, { from: bar.time, to: end }, bar.metric);
}

/** The list that a panel counts, over the whole window. */
export function toWindowPlace(
  panel: Panel,
  window: { readonly from: string; readonly to: string },
): ListPlace | undefined {
  return placeOf(panel, { from: Date.parse(window.from), to: Date.parse(window.to) });
}

function placeOf({ link }: Panel, { from, to }: { from: number; to: number }, metric?: string): ListPlace | undefined {
  if (link === undefined) return undefined;
  return {
    to: link.list === 'files' ? '/data' : '/past-predictions',
    search: {
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      ...(link.metric === undefined || metric === undefined ? {} : { [link.metric]: metric }),
    },
  };
}
