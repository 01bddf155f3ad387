import { Group, Text } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ContractColumn, DriftColumn, DriftWindowDetail } from '#api';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { NOTHING, toNumberText, toShareText } from '../../format.ts';
import { EffectBar } from './EffectBar.tsx';
import {
  driftsFrom,
  leadingScore,
  stabilityIndexOf,
  toColumnKey,
  toColumnTitle,
  toEffectText,
  toKindTitle,
} from './words.ts';

const route = getRouteApi('/drift');

interface DriftColumnsProps {
  readonly window: DriftWindowDetail;
  readonly shown: DriftColumn;
  readonly contract: readonly ContractColumn[];
}

/** The columns of a window, those that drifted and matter most to the model first. */
export function DriftColumns({ window, shown, contract }: DriftColumnsProps) {
  const navigate = route.useNavigate();
  return (
    <Section
      title="Columns"
      aside={
        <Text size="xs" c="dimmed">
          by drift × importance
        </Text>
      }
    >
      <RecordTable
        name="columns"
        label="Columns of the window"
        columns={toColumns(window, contract)}
        records={window.columns}
        toKey={toColumnKey}
        isCurrent={(column) => column === shown}
        onOpen={(column) =>
          void navigate({ resetScroll: false, search: (search) => ({ ...search, column: toColumnKey(column) }) })
        }
      />
    </Section>
  );
}

function toColumns({ columns }: DriftWindowDetail, contract: readonly ContractColumn[]): RecordColumn<DriftColumn>[] {
  const scaleMax = Math.max(
    ...columns.flatMap(({ scores }) => scores.map((score) => Math.max(score.effect, driftsFrom(score)))),
  );
  return [
    {
      key: 'column',
      title: 'Column',
      value: (column) => toColumnTitle(column, contract),
      render: (column) => (
        <Link
          from="/drift"
          to="."
          search={(search) => ({ ...search, column: toColumnKey(column) })}
          resetScroll={false}
          className="row-link"
          onClick={(event) => event.stopPropagation()}
        >
          {toColumnTitle(column, contract)}
        </Link>
      ),
    },
    {
      key: 'verdict',
      title: 'Verdict',
      value: ({ verdict }) => verdict,
      render: (column) => <ColumnVerdict column={column} />,
    },
    {
      key: 'effect',
      title: 'Largest difference',
      value: (column) => leadingScore(column)?.effect,
      width: '30%',
      render: (column) => <Difference column={column} scaleMax={scaleMax} />,
    },
    {
      key: 'importance',
      title: 'Importance',
      align: 'right',
      value: ({ importance }) => importance,
      render: ({ importance }) => <span className="tabular nowrap">{toShareText(importance)}</span>,
    },
    {
      key: 'stability',
      title: 'PSI',
      align: 'right',
      visibleFrom: 'sm',
      value: stabilityIndexOf,
      render: (column) => <span className="tabular">{toNumberText(stabilityIndexOf(column))}</span>,
    },
  ];
}

export function ColumnVerdict({ column: { verdict, scores } }: { readonly column: DriftColumn }) {
  if (scores.some(({ isSustained }) => isSustained)) return <ToneBadge tone="red">Sustained</ToneBadge>;
  return verdict === 'drifted' ? (
    <ToneBadge tone="orange">Drifted</ToneBadge>
  ) : (
    <ToneBadge tone="green">Stable</ToneBadge>
  );
}

function Difference({ column, scaleMax }: { readonly column: DriftColumn; readonly scaleMax: number }) {
  const score = leadingScore(column);
  if (score === undefined) return <span>{NOTHING}</span>;
  return (
    <>
      <Group gap={6} justify="space-between" wrap="nowrap">
        <Text size="xs" c="dimmed" className="nowrap">
          {toKindTitle(score.kind)}
        </Text>
        <Text size="sm" className="tabular nowrap">
          {toEffectText(score.effect, score.kind)}
        </Text>
      </Group>
      <EffectBar score={score} scaleMax={scaleMax} />
    </>
  );
}
