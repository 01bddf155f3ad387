import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { ContractColumn, StoredPrediction } from '#api';
import { columnWithRole } from '../columns.ts';
import { featureNames } from '../csv/predictions.ts';
import { NOTHING, toDateText, toFeatureText } from '../format.ts';
import { own } from '../own.ts';
import { toCellValue } from '../table/sort.ts';
import { ActualValue, PredictionValue } from './PredictionValue.tsx';
import { type RecordColumn, RecordTable } from './RecordTable.tsx';
import { SourceBadge } from './SourceBadge.tsx';
import { TimeBelow } from './TimeBelow.tsx';
import { TimeText } from './TimeText.tsx';

interface PredictionTableProps {
  readonly label: string;
  readonly items: readonly StoredPrediction[];
  readonly columns: readonly ContractColumn[];
  /** They come page by page from the server. Otherwise they were made here, and time and source, which they share, are left out. */
  readonly isServed?: boolean;
  /** The prediction that the page shows beside the table, and what opens another. */
  readonly open?: { readonly id: string | undefined; readonly onOpen: (id: string) => void };
}

const BY_TIME = { key: 'made', isDescending: true };

/** Predictions with their features. */
export function PredictionTable({ label, items, columns, isServed = false, open }: PredictionTableProps) {
  const opens = open !== undefined;
  const shown = useMemo(() => toColumns(items, columns, { isServed, opens }), [items, columns, isServed, opens]);
  return (
    <RecordTable
      name="predictions"
      label={label}
      columns={shown}
      records={items}
      toKey={({ predictionId }) => predictionId}
      {...(isServed ? { servedBy: BY_TIME } : {})}
      {...(open === undefined ? {} : toOpening(open))}
    />
  );
}

const toOpening = ({ id, onOpen }: NonNullable<PredictionTableProps['open']>) => ({
  onOpen: ({ predictionId }: StoredPrediction) => onOpen(predictionId),
  isCurrent: ({ predictionId }: StoredPrediction) => predictionId === id,
});

interface ColumnOptions {
  readonly isServed: boolean;
  readonly opens: boolean;
}

function toColumns(
  items: readonly StoredPrediction[],
  columns: readonly ContractColumn[],
  { isServed, opens }: ColumnOptions,
): readonly RecordColumn<StoredPrediction>[] {
  const predicted = columns.find(({ role }) => role === 'label');
  const before: RecordColumn<StoredPrediction>[] = [
    {
      key: '/at',
      title: 'Made',
      order: 'made',
      visibleFrom: 'sm',
      render: (item) => <TimeText time={item.at} isAbsolute />,
    },
    {
      key: '/source',
      title: 'Source',
      render: (item) => <SourceBadge source={item.source} />,
    },
  ];
  return [
    ...toIdentityColumns(items, columns),
    {
      key: '/prediction',
      title: predicted?.label ?? 'Prediction',
      value: ({ prediction }) => prediction,
      render: (item) => (
        <>
          {opens ? <OpeningValue item={item} /> : <PredictionValue item={item} />}
          <TimeBelow time={item.at} />
        </>
      ),
    },
    ...(items.some(({ actual }) => actual !== undefined) ? [ACTUAL] : []),
    ...featureNames(columns, items).map((name) => toFeatureColumn(name, columns)),
    ...(isServed ? before : []),
    {
      key: '/model',
      title: 'Model',
      value: ({ modelVersion }) => modelVersion,
      render: (item) => <span className="mono nowrap">{item.modelVersion}</span>,
    },
  ];
}

const ACTUAL: RecordColumn<StoredPrediction> = {
  key: '/actual',
  title: 'Actual',
  value: ({ actual }) => actual,
  render: (item) => <ActualValue item={item} />,
};

/** The id and the time of the rows, where some of them have one. */
function toIdentityColumns(
  items: readonly StoredPrediction[],
  columns: readonly ContractColumn[],
): readonly RecordColumn<StoredPrediction>[] {
  const id: RecordColumn<StoredPrediction> = {
    key: '/row-id',
    title: columnWithRole(columns, 'id')?.label ?? 'Row',
    value: ({ rowId }) => toCellValue(rowId),
    render: ({ rowId }) => (rowId === undefined ? NOTHING : <RowLink rowId={rowId} />),
  };
  const timed = columnWithRole(columns, 'time');
  const time: RecordColumn<StoredPrediction> = {
    key: '/row-time',
    title: timed?.label ?? 'Time of the row',
    value: ({ rowTime }) => rowTime,
    visibleFrom: 'md',
    render: ({ rowTime = null }) =>
      timed?.kind === 'date' && rowTime !== null ? (
        <span className="nowrap">{toDateText(rowTime)}</span>
      ) : (
        <TimeText time={rowTime} isAbsolute />
      ),
  };
  return [
    ...(items.some(({ rowId }) => rowId !== undefined) ? [id] : []),
    ...(items.some(({ rowTime }) => rowTime !== undefined) ? [time] : []),
  ];
}

/** The prediction, which leads to all that is known of it. */
function OpeningValue({ item }: { readonly item: StoredPrediction }) {
  return (
    <Link
      from="/past-predictions"
      search={(search) => ({ ...search, id: item.predictionId })}
      resetScroll={false}
      className="row-link"
      onClick={(event) => event.stopPropagation()}
    >
      <PredictionValue item={item} />
    </Link>
  );
}

/** Leads to all predictions for the row. */
function RowLink({ rowId }: { readonly rowId: string }) {
  return (
    <Link
      to="/past-predictions"
      search={{ rowId }}
      className="row-link mono id-cell"
      title="All predictions for this row"
      onClick={(event) => event.stopPropagation()}
    >
      {rowId}
    </Link>
  );
}

function toFeatureColumn(name: string, columns: readonly ContractColumn[]): RecordColumn<StoredPrediction> {
  const column = columns.find((each) => each.name === name);
  const isNumber = column?.kind === 'number' || column?.kind === 'integer';
  const unit = column?.unit === undefined ? '' : ` (${column.unit})`;
  return {
    key: name,
    title: `${column?.label ?? name}${unit}`,
    value: ({ features }) => own(features, name),
    align: isNumber ? 'right' : 'left',
    render: (item) => <span className="tabular">{toFeatureText(own(item.features, name), column)}</span>,
  };
}
