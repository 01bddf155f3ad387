import { Button, Center, Group, Table, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { toNumberText } from '../format.ts';
import type { RecordColumn } from '../table/column.ts';
import { HeadCell } from '../table/HeadCell.tsx';
import { SearchField } from '../table/SearchField.tsx';
import { type Sort, searchRecords, sortRecords } from '../table/sort.ts';
import { type TableState, useTableState } from '../table/use-table-state.ts';

export type { RecordColumn } from '../table/column.ts';

/** All rows of a shorter table are seen at once. */
const SEARCHED_FROM = 8;
/** Thousands of rows at once make a page unresponsive. */
const STEP = 100;

interface RecordTableProps<T> {
  /** Of this table on its page; the address keeps its order and its search by it. */
  readonly name: string;
  readonly label: string;
  readonly columns: readonly RecordColumn<T>[];
  readonly records: readonly T[];
  readonly toKey: (record: T) => string;
  readonly onOpen?: (record: T) => void;
  /** Whether the page shows the record beside the table. */
  readonly isCurrent?: (record: T) => boolean;
  readonly minWidth?: number;
  /** The records come page by page, sorted and searched by the server; this is their order without a choice. */
  readonly servedBy?: Sort;
  /** How many of the records are shown at first, and how many more at a click. */
  readonly step?: number;
  /** Takes the height that its parent has left, and scrolls in it under its head. */
  readonly isFilling?: boolean;
}

/**
 * Records as rows, sorted by a click on the head of a column. A row that opens something also holds a link, so keyboards
 * reach it.
 */
export function RecordTable<T>(props: RecordTableProps<T>) {
  const { name, label, columns, records, toKey, onOpen, isCurrent, minWidth, servedBy } = props;
  const { isFilling = false, step = STEP } = props;
  const state = useTableState(name);
  const found = useFound(props, state);
  const [count, setCount] = useState(step);
  const shown = servedBy === undefined ? found.slice(0, count) : found;
  const sort = state.sort ?? servedBy;
  const toSortKey = (column: RecordColumn<T>) =>
    servedBy !== undefined ? column.order : column.value === undefined ? undefined : column.key;
  return (
    <>
      {isSearched(props, state) ? (
        <SearchBar label={label} state={state} {...(servedBy === undefined ? { found, records } : {})} />
      ) : null}
      {/* A region that scrolls sideways must take the focus, or keyboards cannot move it (WCAG 2.1.1). */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: as above. */}
      <section className="table-frame" tabIndex={0} aria-label={label} data-filling={isFilling}>
        <Table
          highlightOnHover
          stickyHeader={isFilling}
          verticalSpacing={isFilling ? 7 : 9}
          horizontalSpacing="md"
          miw={minWidth ?? 0}
        >
          <Table.Thead>
            <Table.Tr>
              {columns.map((column) => (
                <HeadCell
                  key={column.key}
                  sortKey={toSortKey(column)}
                  sort={sort}
                  onSort={state.setSort}
                  align={column.align ?? 'left'}
                  width={column.width}
                  {...visibility(column)}
                >
                  {column.title}
                </HeadCell>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((record) => (
              <Table.Tr
                key={toKey(record)}
                {...(isCurrent?.(record) === true ? { 'data-current': true } : {})}
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
      {shown.length >= found.length ? null : (
        <Center p="md">
          <Button variant="default" onClick={() => setCount(count + step)}>
            Show more
          </Button>
        </Center>
      )}
      {shown.length === 0 && state.search !== '' ? <NothingFound state={state} /> : null}
    </>
  );
}

function isSearched<T>({ servedBy, records, columns }: RecordTableProps<T>, { search }: TableState): boolean {
  if (servedBy !== undefined || search !== '') return true;
  return records.length >= SEARCHED_FROM && columns.some(({ value }) => value !== undefined);
}

/** The records that match the search, in order. */
function useFound<T>(props: RecordTableProps<T>, { sort, search }: TableState): readonly T[] {
  const { records, columns, servedBy } = props;
  const { key, isDescending = false } = sort ?? {};
  return useMemo(() => {
    if (servedBy !== undefined) return records;
    const found = searchRecords(records, {
      valuesOf: (record) => columns.map(({ value }) => value?.(record)),
      search,
    });
    const by = columns.find((column) => column.key === key)?.value;
    return by === undefined ? found : sortRecords(found, { by, isDescending });
  }, [records, columns, servedBy, search, key, isDescending]);
}

interface SearchBarProps {
  readonly label: string;
  readonly state: TableState;
  readonly found?: readonly unknown[];
  readonly records?: readonly unknown[];
}

function SearchBar({ label, state, found, records }: SearchBarProps) {
  return (
    <Group px="md" pb={8} gap="sm">
      <SearchField label={`Search: ${label}`} search={state.search} onSearch={state.setSearch} />
      <Text size="xs" c="dimmed" className="tabular" role="status">
        {state.search === '' || found === undefined || records === undefined
          ? ''
          : `${toNumberText(found.length)} of ${toNumberText(records.length)}`}
      </Text>
    </Group>
  );
}

function NothingFound({ state }: { readonly state: TableState }) {
  return (
    <Group p="md" gap="sm">
      <Text size="sm" c="dimmed" className="break">
        No row contains “{state.search}”.
      </Text>
      <Button size="compact-xs" variant="default" onClick={() => state.setSearch('')}>
        Show all
      </Button>
    </Group>
  );
}

function visibility<T>(column: RecordColumn<T>): { visibleFrom?: 'sm' | 'md' | 'lg' } {
  return column.visibleFrom === undefined ? {} : { visibleFrom: column.visibleFrom };
}
