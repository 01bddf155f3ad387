import { Table } from '@mantine/core';
import { toTitle } from '../format.ts';
import { toCell } from './cells.tsx';
import type { PanelView } from './panel-view.ts';

/** All columns of the query, in its order. */
export function TablePanel({ view: { panel, rows } }: { readonly view: PanelView }) {
  const columns = Object.keys(rows[0] ?? {});
  const isNumber = (column: string) => rows.every((row) => row[column] === null || typeof row[column] === 'number');
  const toAlign = (column: string) => (isNumber(column) ? 'right' : 'left');
  return (
    <section
      className="table-frame"
      style={{ height: '100%', overflow: 'auto' }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take the focus, or keyboards cannot move it (WCAG 2.1.1).
      tabIndex={0}
      aria-label={`${panel.title}: rows`}
    >
      <Table verticalSpacing={7} horizontalSpacing="sm" stickyHeader>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column} ta={toAlign(column)}>
                {toTitle(column)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a query have no identity; all are drawn again.
            <Table.Tr key={index}>
              {columns.map((column) => (
                <Table.Td key={column} ta={toAlign(column)}>
                  {toCell(column, row[column], panel)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
