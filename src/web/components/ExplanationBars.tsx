import { Text, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { ContractColumn, Explanation, StoredPrediction } from '#api';
import { NOTHING, toFeatureText, toLabelText, toNumberText, toShareText, toStatisticText } from '../format.ts';
import { useLabelColumn } from '../label-column.ts';
import { own } from '../own.ts';

/** Of a hundred columns most add next to nothing. */
const SHOWN_AT_FIRST = 10;

interface ExplanationBarsProps {
  readonly explanation: Explanation;
  readonly features: StoredPrediction['features'];
  readonly columns: readonly ContractColumn[];
}

/** By how much each feature raised or lowered the output, the strongest first. */
export function ExplanationBars({ explanation, features, columns }: ExplanationBarsProps) {
  const [isWhole, setWhole] = useState(false);
  const label = useLabelColumn();
  const { contributions, base, output, isExact } = explanation;
  const all = Object.entries(contributions).toSorted(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  const shown = isWhole ? all : all.slice(0, SHOWN_AT_FIRST);
  const most = Math.max(...all.map(([, value]) => Math.abs(value)), Number.MIN_VALUE);
  const toText = (value: number) =>
    explanation.of === 'probability'
      ? toShareText(value)
      : explanation.of === 'number'
        ? toStatisticText(value, label)
        : toNumberText(value);
  return (
    <>
      <Text size="sm" mb={8}>
        {toOutputName(explanation, (value) => toLabelText(value, label))}: <b className="tabular">{toText(output)}</b>,
        from <span className="tabular">{toText(base)}</span> on average
      </Text>
      <dl className="bar-list">
        {shown.map(([name, value]) => {
          const column = columns.find((each) => each.name === name);
          return (
            <div key={name}>
              <dt className="break">
                {column?.label ?? name}{' '}
                <Text span c="dimmed" size="xs" className="tabular">
                  {toFeatureText(own(features, name), column) || NOTHING}
                </Text>
              </dt>
              <dd className="bar-track bar-signed" aria-hidden>
                <span data-sign={value < 0 ? 'minus' : 'plus'} style={{ width: `${(50 * Math.abs(value)) / most}%` }} />
              </dd>
              <dd className="tabular nowrap">
                {value > 0 ? '+' : ''}
                {toText(value)}
              </dd>
            </div>
          );
        })}
      </dl>
      {shown.length === all.length ? null : (
        <UnstyledButton className="text-link" mt={8} onClick={() => setWhole(true)}>
          {all.length - shown.length} more
        </UnstyledButton>
      )}
      {isExact ? null : (
        <Text size="xs" c="dimmed" mt={8}>
          Estimated from samples
        </Text>
      )}
    </>
  );
}

function toOutputName(explanation: Explanation, toText: (value: string) => string): string {
  if (explanation.of === 'number') return 'Predicted';
  const name = explanation.of === 'probability' ? 'Probability' : 'Log-odds';
  return explanation.class === undefined ? name : `${name} of ${toText(explanation.class)}`;
}
