import { ActionIcon, Alert, Group, Text, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconAlertTriangle, IconMoon, IconSun } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type Connection, useConnection } from '../live.tsx';
import { projectQuery } from '../queries.ts';
import type { Tone } from '../tones.ts';
import { ToneBadge, ToneDot } from './ToneBadge.tsx';

/** The project's title; the product's name until it is known. */
export function useProjectTitle(): string {
  return useQuery(projectQuery).data?.title ?? 'Weir';
}

/** Distinguishes dev from prod at a glance: prod is red on purpose. */
export function EnvironmentBadge() {
  const environment = useQuery(projectQuery).data?.environment;
  if (environment === undefined) return null;
  const tone: Tone = environment === 'prod' ? 'red' : environment === 'preprod' ? 'orange' : 'grey';
  return <ToneBadge tone={tone}>{environment}</ToneBadge>;
}

/** On every page: the project on disk cannot be loaded, so another one runs. */
export function ProjectProblem() {
  const problem = useQuery(projectQuery).data?.loaded?.problem;
  if (problem == null) return null;
  return (
    <Alert
      mb="md"
      color="red"
      role="alert"
      title="The changed project is not loaded; the one before goes on"
      icon={<IconAlertTriangle size={20} />}
    >
      <Text size="sm" className="break mono" style={{ whiteSpace: 'pre-wrap' }}>
        {problem.message}
      </Text>
    </Alert>
  );
}

const CONNECTIONS: Readonly<Record<Connection, { tone: Tone; word: string; hint: string }>> = {
  waiting: { tone: 'grey', word: 'Connecting', hint: 'Waiting for the first answer of the server.' },
  live: { tone: 'green', word: 'Live', hint: 'Changes appear here by themselves.' },
  lost: {
    tone: 'orange',
    word: 'Reconnecting',
    hint: 'The connection for live changes is lost. What you see may be old; the page keeps trying.',
  },
};

/** Whether what is shown follows the server right now. */
export function ConnectionState() {
  const { tone, word, hint } = CONNECTIONS[useConnection()];
  return (
    <Tooltip label={hint}>
      <Group gap={6} wrap="nowrap" role="status" aria-label={`Connection: ${word}`}>
        <ToneDot tone={tone} isPulsing={tone !== 'grey'} />
        <Text size="sm" c="dimmed" visibleFrom="xs">
          {word}
        </Text>
      </Group>
    </Tooltip>
  );
}

/** Switches between dark and light. */
export function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const next = scheme === 'dark' ? 'light' : 'dark';
  return (
    <ActionIcon size="lg" aria-label={`Use ${next} colours`} onClick={() => setColorScheme(next)}>
      {next === 'light' ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}
