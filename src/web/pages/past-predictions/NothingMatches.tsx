import { Button, Group, Loader, Stack, Text } from '@mantine/core';
import { IconFilterOff, IconHistory } from '@tabler/icons-react';
import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ContractColumn } from '#api';
import { Empty } from '../../components/Notice.tsx';
import { toCountText } from '../../format.ts';
import { pastTotalQuery } from '../../queries.ts';
import type { PastPredictionsSearch } from '../../search.ts';
import { type ActiveFilter, listActive, toQuery, without } from './past-filter.ts';
import { useSearchChange } from './use-search-change.ts';

/** Each is asked without one filter. */
const TRIED_MAX = 8;

interface NothingMatchesProps {
  readonly search: PastPredictionsSearch;
  readonly columns: readonly ContractColumn[];
}

/** Says what will be here, or which filter to loosen: without which there are how many predictions. */
export function NothingMatches({ search, columns }: NothingMatchesProps) {
  const active = listActive(search, columns);
  if (active.length === 0)
    return (
      <Empty icon={<IconHistory size={22} />} title="Nothing has been predicted yet">
        The predict pipeline predicts the rows of new good files by its schedule.{' '}
        <Link to="/predict">Make one now</Link>.
      </Empty>
    );
  return (
    <Stack align="center" gap="sm" pb={36} px="md">
      <div style={{ marginBottom: -24 }}>
        <Empty icon={<IconFilterOff size={22} />} title="Nothing matches">
          {active.length === 1 ? 'No prediction has' : 'No prediction has all of'}{' '}
          {active.map(({ name, text }) => `${name}: ${text}`).join(' · ')}
        </Empty>
      </div>
      <Loosen search={search} active={active} />
    </Stack>
  );
}

interface LoosenProps {
  readonly search: PastPredictionsSearch;
  readonly active: readonly ActiveFilter[];
}

function Loosen({ search, active }: LoosenProps) {
  const change = useSearchChange();
  const tried = active.slice(0, TRIED_MAX);
  const answers = useQueries({
    queries: tried.map(({ keys }) => pastTotalQuery(toQuery(without(search, keys)), 'estimate')),
  });
  if (answers.some(({ isPending }) => isPending)) return <Loader size="sm" aria-label="Which filter excludes them" />;
  const found = tried
    .map((filter, index) => ({ filter, total: answers[index]?.data ?? undefined }))
    .filter(({ total }) => total !== undefined && total.count > 0)
    .toSorted((a, b) => (b.total?.count ?? 0) - (a.total?.count ?? 0));
  if (found.length === 0)
    return (
      <Text size="sm" c="dimmed" ta="center" maw={440}>
        {active.length === 1 ? 'There are none without it either.' : 'Leaving out one of them is not enough.'}{' '}
        <Link to="/past-predictions" search={{}}>
          Show all
        </Link>
      </Text>
    );
  return (
    <Stack gap={6} role="group" aria-label="Loosen a filter" align="center">
      {found.map(({ filter: { name, keys }, total }) => (
        <Group key={keys.join()} gap="sm" justify="center">
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => change(Object.fromEntries(keys.map((key) => [key, undefined])))}
          >
            Without {name}
          </Button>
          <Text size="sm" c="dimmed" className="tabular">
            {total === undefined ? '' : `${total.isExact ? '' : 'about '}${toCountText(total.count, 'prediction')}`}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}
