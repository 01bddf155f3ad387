import { Table, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconSelector } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { nextSort, type Sort } from './sort.ts';

const SIZE = 13;

interface HeadCellProps {
  readonly children: ReactNode;
  /** The key of its order; undefined when the table cannot be sorted by it. */
  readonly sortKey: string | undefined;
  readonly sort: Sort | undefined;
  readonly onSort: (sort: Sort | undefined) => void;
  readonly align: 'left' | 'right';
  readonly visibleFrom?: 'sm' | 'md' | 'lg';
  readonly width: number | string | undefined;
}

/** The head of a column: a button that sorts by it. */
export function HeadCell({ children, sortKey, sort, onSort, align, width, ...visibility }: HeadCellProps) {
  if (sortKey === undefined) {
    return (
      <Table.Th ta={align} w={width} {...visibility}>
        {children}
      </Table.Th>
    );
  }
  const direction = sort?.key !== sortKey ? 'none' : sort.isDescending ? 'descending' : 'ascending';
  return (
    <Table.Th ta={align} w={width} aria-sort={direction} {...visibility}>
      <UnstyledButton className="sort-button" data-align={align} onClick={() => onSort(nextSort(sortKey, sort))}>
        {children}
        <SortIcon direction={direction} />
      </UnstyledButton>
    </Table.Th>
  );
}

function SortIcon({ direction }: { readonly direction: 'none' | 'ascending' | 'descending' }) {
  switch (direction) {
    case 'none':
      return <IconSelector size={SIZE} className="sort-icon" aria-hidden />;
    case 'ascending':
      return <IconArrowUp size={SIZE} aria-hidden />;
    case 'descending':
      return <IconArrowDown size={SIZE} aria-hidden />;
    default: {
      const never: never = direction;
      return never;
    }
  }
}
