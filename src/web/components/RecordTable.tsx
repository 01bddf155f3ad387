import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

export interface RecordColumn<T> {
  readonly key: string;
  readonly title: ReactNode;
  readonly render: (record: T) => ReactNode;
  readonly align?: 'left' | 'right';
  /** Leave the column out below this width. */
  readonly visibleFrom?: 'sm' | 'md' | 'lg';
  readonly width?: number | string;
}

interface RecordTableProps<T> {
  readonly label: string;
  readonly columns: readonly RecordColumn<T>[];
  readonly records: readonly T[];
  readonly toKey: (record: T) => string;
  readonly onOpen?: (record: T) => void;
  readonly minWidth?: number;
}

/** Records as rows. A row that opens something also holds a link, so keyboards reach it. */
export function RecordTable<T>({ label, columns, records, toKey, onOpen, minWidth }: RecordTableProps<T>) {
  return (
    // A region that scrolls sideways must take the focus, or keyboards cannot move it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: WCAG 2.1.1 asks for it here.
    <section className="table-frame" tabIndex={0} aria-label={label}>
      <Table highlightOnHover verticalSpacing={9} horizontalSpacing="md" miw={minWidth ?? 0}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column.key} ta={column.align ?? 'left'} {...visibility(column)} w={column.width}>
                {column.title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {records.map((record) => (
            <Table.Tr
              key={toKey(record)}
              {...(onOpen === undefined ? {} : { 'data-clickable': true, onClick: () => onOpen(record) })}
            >
              {columns.map((column) => (
                <Table.Td key={column.key} ta={column.align ?? 'left'} {...visibility(column)}>
                  {column.render(record)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function visibility<T>(column: RecordColumn<T>): { visibleFrom?: 'sm' | 'md' | 'lg' } {
  return column.visibleFrom === undefined ? {} : { visibleFrom: column.visibleFrom };
}
