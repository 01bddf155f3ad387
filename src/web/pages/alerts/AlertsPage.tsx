import { Stack } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { PageHeader } from '../../components/PageHeader.tsx';
import { Channels } from './Channels.tsx';
import { Notices } from './Notices.tsx';
import { RuleDrawer } from './RuleDrawer.tsx';
import { Rules } from './Rules.tsx';

const route = getRouteApi('/alerts');

/** What is wrong now, what people were told, and whether it was delivered. */
export function AlertsPage() {
  const { rule } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHeader title="Alerts">What is wrong now, who was told, and by which rules</PageHeader>
      <Stack gap="lg">
        <Rules />
        <Channels />
        <Notices />
      </Stack>
      <RuleDrawer
        name={rule}
        onClose={() => void navigate({ resetScroll: false, search: ({ rule: _, ...others }) => others })}
      />
    </>
  );
}
