import type { ReactNode } from 'react';
import type { CellValue } from './sort.ts';

export interface RecordColumn<T> {
  readonly key: string;
  readonly title: ReactNode;
  readonly render: (record: T) => ReactNode;
  /** What the column is sorted and searched by; without it, neither is offered. */
  readonly value?: (record: T) => CellValue;
  /** The name under which the server sorts by this column, in a table whose rows come page by page. */
  readonly order?: string;
  readonly align?: 'left' | 'right';
  /** Leave the column out below this width. */
  readonly visibleFrom?: 'sm' | 'md' | 'lg';
  readonly width?: number | string;
}
