import type { Panel } from '#api';

/** Columns of the grid, as Grafana counts them. */
export const COLUMNS = 24;

export type PanelSize = Pick<Panel, 'width' | 'height'>;

/**
 * The size of each panel, so that every row is filled whatever panels a project has: what is left of a row goes to its
 * panels in proportion to their width, and all of a row are as high as its highest.
 */
export function fillRows(panels: readonly PanelSize[]): readonly PanelSize[] {
  return toRows(panels).flatMap(stretch);
}

function toRows(panels: readonly PanelSize[]): readonly (readonly PanelSize[])[] {
  const rows: PanelSize[][] = [];
  let left = 0;
  for (const panel of panels) {
    const width = Math.min(Math.max(panel.width, 1), COLUMNS);
    if (width > left) {
      rows.push([]);
      left = COLUMNS;
    }
    rows.at(-1)?.push({ ...panel, width });
    left -= width;
  }
  return rows;
}

function stretch(row: readonly PanelSize[]): readonly PanelSize[] {
  const taken = row.reduce((sum, { width }) => sum + width, 0);
  const height = Math.max(...row.map((panel) => panel.height));
  let before = 0;
  return row.map(({ width }) => {
    // Ends are rounded instead of widths, so that they add up to the whole row.
    const start = Math.round((before / taken) * COLUMNS);
    before += width;
    return { width: Math.round((before / taken) * COLUMNS) - start, height };
  });
}
