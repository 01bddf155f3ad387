import { Button, Group, Text, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { PastPredictions } from '#api';
import { toCountText, toNumberText } from '../../format.ts';
import { type PastPredictionsFilter, pastTotalQuery } from '../../queries.ts';

interface TotalTextProps {
  /** Of this page. */
  readonly count: number;
  readonly total: PastPredictions['total'];
  readonly filter: PastPredictionsFilter;
}

/** How many there are on all pages, counted or estimated; an estimate of a period is counted at a click. */
export function TotalText({ count, total: known, filter }: TotalTextProps) {
  const [asked, setAsked] = useState('');
  const isAsked = asked === JSON.stringify(filter);
  const exact = useQuery({ ...pastTotalQuery(filter, 'exact'), enabled: isAsked });
  const total = (isAsked ? exact.data : undefined) ?? known;
  if (total === undefined) return null;
  const all = `${total.isExact ? '' : 'about '}${toCountText(total.count, 'prediction')}`;
  const text = count < total.count ? `${toNumberText(count)} of ${all}` : all;
  return (
    <Group gap={6} wrap="nowrap">
      <Tooltip label={total.isExact ? 'Counted' : 'Estimated, because counting so many takes long'}>
        <Text size="sm" c="dimmed" className="tabular">
          {text}
        </Text>
      </Tooltip>
      {total.isExact || filter.from === undefined ? null : (
        <Button
          size="compact-xs"
          variant="subtle"
          loading={exact.isFetching}
          disabled={isAsked && exact.isFetched}
          onClick={() => setAsked(JSON.stringify(filter))}
        >
          {isAsked && exact.isFetched ? 'Too many to count' : 'Count'}
        </Button>
      )}
    </Group>
  );
}
