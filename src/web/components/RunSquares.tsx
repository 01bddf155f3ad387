import { Skeleton, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Run } from '#api';
import { toTimeText } from '../format.ts';
import { stateLook } from './states.tsx';

interface RunSquaresProps {
  /** Newest first; undefined while they are loading. */
  readonly runs: readonly Run[] | undefined;
  readonly count: number;
}

/** The states of the last runs at a glance, the oldest at the left. */
export function RunSquares({ runs, count }: RunSquaresProps) {
  if (runs === undefined) return <Skeleton height={24} radius="sm" />;
  const missing = Array.from({ length: count - runs.length }, (_, index) => `none-${index}`);
  return (
    <div className="run-squares">
      {missing.map((key) => (
        <span key={key} className="run-square" style={{ background: 'var(--tone-grey-soft)' }} />
      ))}
      {[...runs].reverse().map((run) => (
        <Tooltip key={run.id} label={`${stateLook(run.state).word}, ${toTimeText(run.createdAt)}`}>
          <Link
            to="/runs/$id"
            params={{ id: run.id }}
            className="run-square"
            style={{ background: `var(--tone-${stateLook(run.state).tone}-solid)` }}
            aria-label={`Run ${run.id}: ${stateLook(run.state).word}`}
          />
        </Tooltip>
      ))}
    </div>
  );
}
