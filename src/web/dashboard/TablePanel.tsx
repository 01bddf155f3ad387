import { useMemo } from 'react';
import { type RecordColumn, RecordTable } from '../components/RecordTable.tsx';
import { toTitle } from '../format.ts';
import { toCellValue } from '../table/sort.ts';
import { toCell } from './cells.tsx';
import type { PanelRow, PanelView } from './panel-view.ts';

/** A row of a query, which has no identity but its place. */
interface PlacedRow {
  readonly place: number;
  readonly row: PanelRow;
}

/** All columns of the query, in its order. */
export function TablePanel({ view }: { readonly view: PanelView }) {
  const { panel, rows } = view;
  const columns = useMemo(() => toColumns(view), [view]);
  const records = useMemo(() => rows.map((row, place) => ({ place, row })), [rows]);
  return (
    <div className="table-panel">
      <RecordTable
        name={panel.id}
        label={`${panel.title}: rows`}
        columns={columns}
        records={records}
        toKey={({ place }) => String(place)}
        isFilling
      />
    </div>
  );
}

function toColumns(view: PanelView): RecordColumn<PlacedRow>[] {
  const { rows } = view;
  const isNumber = (column: string) => rows.every((row) => row[column] === null || typeof row[column] === 'number');
  return Object.keys(rows[0] ?? {}).map((column) => ({
    key: column,
    title: toTitle(column),
    align: isNumber(column) ? 'right' : 'left',
    value: ({ row: { [column]: cell } }) => (typeof cell === 'string' ? toCellValue(cell) : cell),
    render: ({ row }) => toCell(column, row[column], view),
  }));
}
