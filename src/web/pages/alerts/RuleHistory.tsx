import { Group, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { AlertRule, AlertRuleTransition } from '#api';
import { LoadMore } from '../../components/LoadMore.tsx';
import { Failed, LoadingRows } from '../../components/Notice.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { alertRuleHistoryQuery } from '../../queries.ts';
import { stateLook, toRuleValueText } from './rule-words.ts';

/** When a rule changed its state, newest first. */
export function RuleHistory({ rule }: { readonly rule: AlertRule }) {
  const query = useInfiniteQuery(alertRuleHistoryQuery(rule.name));
  const items = query.data?.pages.flatMap((page) => page.items);
  if (items === undefined) {
    return query.error === null ? (
      <LoadingRows rows={3} />
    ) : (
      <Failed what="The history" error={query.error} onRetry={() => void query.refetch()} />
    );
  }
  if (items.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Its state has not changed so far.
      </Text>
    );
  }
  return (
    <Stack gap="xs">
      {items.map((transition) => (
        <Transition key={transition.id} transition={transition} unit={rule.unit} />
      ))}
      <LoadMore
        hasMore={query.hasNextPage}
        isLoading={query.isFetchingNextPage}
        onLoad={() => void query.fetchNextPage()}
      />
    </Stack>
  );
}

interface TransitionProps {
  readonly transition: AlertRuleTransition;
  readonly unit: AlertRule['unit'];
}

function Transition({ transition: { at, to, value, threshold, detail }, unit }: TransitionProps) {
  const { tone, word } = stateLook(to);
  return (
    <div>
      <Group gap="sm" justify="space-between">
        <ToneBadge tone={tone}>{word}</ToneBadge>
        <Text size="sm" c="dimmed" component="span">
          <TimeText time={at} isAbsolute />
        </Text>
      </Group>
      {value === null && detail === null ? null : (
        <Text size="sm" className="break tabular">
          {value === null ? '' : `${toRuleValueText(value, unit)}, threshold ${toRuleValueText(threshold, unit)}`}
          {value !== null && detail !== null ? ': ' : ''}
          {detail}
        </Text>
      )}
    </div>
  );
}
