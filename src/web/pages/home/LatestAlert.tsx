import { Card, Group, Text } from '@mantine/core';
import { IconArrowRight, IconBell } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { AlertBadge, alertTone } from '../../components/states.tsx';
import { TimeText, useNowMs } from '../../components/TimeText.tsx';
import { latestAlertsQuery } from '../../queries.ts';

/** Older alerts are history, which the Alerts page keeps. */
const RECENT_MS = 60 * 60_000;

/** The newest alert, as long as it is recent. */
export function LatestAlert() {
  const [alert] = useQuery(latestAlertsQuery(1)).data?.items ?? [];
  const nowMs = useNowMs();
  if (alert === undefined || nowMs - new Date(alert.createdAt).getTime() > RECENT_MS) return null;
  const tone = alertTone(alert);
  return (
    <Card padding="sm" style={{ borderColor: `var(--tone-${tone}-solid)` }}>
      <Group gap="sm" justify="space-between">
        <Group gap="sm" style={{ minWidth: 0 }}>
          <IconBell size={18} color={`var(--tone-${tone}-solid)`} />
          <AlertBadge alert={alert} />
          <Text size="sm" fw={550} className="break">
            {alert.title}
          </Text>
          <Text size="sm" c="dimmed" component="span">
            <TimeText time={alert.createdAt} />
          </Text>
        </Group>
        <Link to="/alerts" className="text-link">
          All alerts <IconArrowRight size={14} />
        </Link>
      </Group>
    </Card>
  );
}
