import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ContractColumn, PastPrediction } from '#api';
import { columnWithRole } from '../../columns.ts';
import { CopyTime } from '../../components/CopyTime.tsx';
import { RunLink } from '../../components/RunLink.tsx';
import { ShortId } from '../../components/ShortId.tsx';
import { SourceBadge } from '../../components/SourceBadge.tsx';
import { toDurationText, toNumberText } from '../../format.ts';

interface Fact {
  readonly name: string;
  readonly value: ReactNode;
}

interface OriginOptions {
  readonly columns: readonly ContractColumn[];
  /** The run that trained the version; null when that is not on record. */
  readonly trainedBy: string | null;
}

/** Who asked for a prediction, what made it, and how long that took. */
export function toOriginFacts(item: PastPrediction, { columns, trainedBy }: OriginOptions): readonly Fact[] {
  const { rowId, rowTime, request, rowNumber, latencyMs, origin } = item;
  const version = /@(\d+)$/.exec(item.modelVersion)?.[1];
  return [
    { name: 'Made', value: <CopyTime time={item.at} /> },
    { name: 'Source', value: <SourceBadge source={item.source} /> },
    {
      name: 'Model version',
      value: (
        <Link to="/models" search={version === undefined ? {} : { served: Number(version) }} className="row-link">
          {item.modelVersion}
        </Link>
      ),
    },
    { name: 'Trained by', value: <RunLink runId={trainedBy} /> },
    ...given(latencyMs, (value) => ({ name: 'Latency', value: toDurationText(value) })),
    ...given(rowId, (value) => ({
      name: columnWithRole(columns, 'id')?.label ?? 'Row',
      value: (
        <Link to="/past-predictions" search={{ rowId: value }} className="row-link mono" title="All predictions for it">
          {value}
        </Link>
      ),
    })),
    ...given(rowTime, (value) => ({
      name: columnWithRole(columns, 'time')?.label ?? 'Time of the row',
      value: <CopyTime time={value} />,
    })),
    ...given(request, (value) => ({ name: 'Request key', value: <ShortId value={value} /> })),
    ...given(request, (value) => ({
      name: 'Place in its request',
      value: (
        <Link to="/past-predictions" search={{ request: value }} className="row-link">
          Row {toNumberText(rowNumber + 1)}, see all
        </Link>
      ),
    })),
    ...given(origin, ({ file }) => ({ name: 'File', value: file })),
    ...given(origin, ({ runId }) => ({
      name: 'Run',
      value: <RunLink runId={runId} />,
    })),
    { name: 'Prediction', value: <ShortId value={item.predictionId} /> },
  ];
}

function given<T>(value: T | undefined, toFact: (value: T) => Fact): readonly Fact[] {
  return value === undefined ? [] : [toFact(value)];
}
