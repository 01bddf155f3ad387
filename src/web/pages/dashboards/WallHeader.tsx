import { ActionIcon, Group, Text, Title } from '@mantine/core';
import { IconMinimize } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { Dashboard, DashboardRows } from '#api';
import { ToneDot } from '../../components/ToneBadge.tsx';
import { toClockText, toTimeText } from '../../format.ts';
import { timeZone } from '../../zone.ts';

const route = getRouteApi('/dashboards/$id');

interface WallHeaderProps {
  readonly dashboard: Dashboard;
  readonly data: DashboardRows | undefined;
  readonly isFailing: boolean;
}

/** The one line above the panels on a wall: what is shown, of when, and whether it is still read. */
export function WallHeader({ dashboard, data, isFailing }: WallHeaderProps) {
  const navigate = route.useNavigate();
  const leave = () => {
    if (document.fullscreenElement !== null) void document.exitFullscreen();
    void navigate({ search: ({ wall: _wall, ...others }) => others });
  };
  useEffect(() => {
    document.title = `${dashboard.title} · Weir`;
    const onChange = () => {
      if (document.fullscreenElement === null) void navigate({ search: ({ wall: _wall, ...others }) => others });
    };
    document.addEventListener('fullscreenchange', onChange);
    return () => document.removeEventListener('fullscreenchange', onChange);
  }, [dashboard.title, navigate]);
  return (
    <Group justify="space-between" mb="md" wrap="nowrap">
      <Title order={1} fz={28} lineClamp={1}>
        {dashboard.title}
      </Title>
      <Group gap="md" wrap="nowrap">
        {data === undefined ? null : (
          <Text fz={17} c="dimmed" className="tabular nowrap">
            {toTimeText(data.from)} – {toClockText(data.to)} ({timeZone()})
          </Text>
        )}
        <ToneDot tone={isFailing ? 'orange' : 'green'} isPulsing />
        <ActionIcon variant="subtle" color="gray" size={34} aria-label="Leave full screen" onClick={leave}>
          <IconMinimize size={20} />
        </ActionIcon>
      </Group>
    </Group>
  );
}
