import { UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { toLabelText, toShareText } from '../format.ts';
import { useLabelColumn } from '../label-column.ts';

/** Of hundreds of classes most have next to no probability. */
const SHOWN_AT_FIRST = 8;

interface ProbabilityBarsProps {
  readonly probabilities: Readonly<Record<string, number>>;
  /** The class that is set apart. */
  readonly predicted: string | number;
}

/** The probability of every class as a bar, the most probable first. */
export function ProbabilityBars({ probabilities, predicted }: ProbabilityBarsProps) {
  const label = useLabelColumn();
  const [isWhole, setWhole] = useState(false);
  const all = Object.entries(probabilities).toSorted(([, a], [, b]) => b - a);
  const shown = isWhole ? all : all.slice(0, SHOWN_AT_FIRST);
  return (
    <>
      <dl className="bar-list">
        {shown.map(([name, share]) => (
          <div key={name} data-chosen={name === String(predicted)}>
            <dt className="break">{toLabelText(name, label)}</dt>
            <dd className="bar-track" aria-hidden>
              <span style={{ width: `${share * 100}%` }} />
            </dd>
            <dd className="tabular nowrap">{toShareText(share)}</dd>
          </div>
        ))}
      </dl>
      {shown.length === all.length ? null : (
        <UnstyledButton className="text-link" mt={8} onClick={() => setWhole(true)}>
          {all.length - shown.length} more
        </UnstyledButton>
      )}
    </>
  );
}
