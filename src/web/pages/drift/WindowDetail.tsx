import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { ContractColumn, DriftWindowDetail } from '#api';
import { Section } from '../../components/Section.tsx';
import { contractQuery } from '../../queries.ts';
import { ColumnDetail } from './ColumnDetail.tsx';
import { DriftColumns } from './DriftColumns.tsx';
import { WindowRows } from './WindowRows.tsx';
import { toColumnKey, toColumnTitle } from './words.ts';

const route = getRouteApi('/drift');
/** A detail of which so much is on the screen is seen. */
const SEEN_PX = 160;
/** The head of the page covers what is scrolled under it. */
const HEAD_PX = 76;

/** The columns of a window by what matters, the chosen one in detail, and where the rows come from. */
export function WindowDetail({ window }: { readonly window: DriftWindowDetail }) {
  const { column: chosen } = route.useSearch();
  const contract = useQuery(contractQuery).data?.columns ?? [];
  const shown = window.columns.find((column) => toColumnKey(column) === chosen) ?? window.columns[0];
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Where there is no room beside the table, the detail is below it and out of sight.
    const top = place.current?.getBoundingClientRect().top ?? 0;
    if (chosen !== undefined && top > document.documentElement.clientHeight - SEEN_PX) place.current?.scrollIntoView();
  }, [chosen]);
  return (
    <div className="drift-detail">
      {shown === undefined ? null : (
        <>
          <DriftColumns window={window} shown={shown} contract={contract} />
          <div className="drift-column" ref={place} style={{ scrollMarginTop: HEAD_PX }}>
            <ColumnDetail key={toColumnKey(shown)} column={shown} window={window} contract={contract} />
          </div>
        </>
      )}
      <Stack gap="lg">
        <WindowRows window={window} />
        <Unjudged window={window} contract={contract} />
      </Stack>
    </div>
  );
}

interface UnjudgedProps {
  readonly window: DriftWindowDetail;
  readonly contract: readonly ContractColumn[];
}

function Unjudged({ window: { unjudged }, contract }: UnjudgedProps) {
  if (unjudged.length === 0) return null;
  return (
    <Section title="Not judged">
      <Stack gap={4} px="md" pb="md">
        {unjudged.map(({ subject, column, reason }) => (
          <Text key={`${subject} ${column} ${reason}`} size="sm" className="break">
            <Text span fw={600}>
              {toColumnTitle({ subject, column }, contract)}
            </Text>
            : {reason}
          </Text>
        ))}
      </Stack>
    </Section>
  );
}
