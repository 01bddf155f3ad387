import { AppShell, Burger, Group, ScrollArea, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { useTimeZone } from '../zone.ts';
import { Navigation } from './Navigation.tsx';
import { PaletteButton } from './PaletteButton.tsx';
import { ConnectionState, EnvironmentBadge, ProjectProblem, SchemeToggle, useProjectTitle } from './shell-parts.tsx';
import { useShortcuts } from './shortcuts.ts';
import { ZoneButton } from './ZoneButton.tsx';

interface ShellProps {
  /** The menu of the user, at the end of the header. */
  readonly account: ReactNode;
  readonly children: ReactNode;
}

/** Header, navigation and the page. */
export function Shell({ account, children }: ShellProps) {
  const [isOpen, { toggle, close }] = useDisclosure();
  const isWall = useRouterState({ select: ({ location }) => 'wall' in location.search });
  const path = useRouterState({ select: (state) => state.location.pathname });
  const title = useProjectTitle();
  const zone = useTimeZone();
  useShortcuts();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes the menu on phones.
  useEffect(close, [path]);
  // Nothing but the dashboard on a wall.
  if (isWall) {
    return (
      <main className="wall" id="page">
        {children}
      </main>
    );
  }
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <a href="#page" className="skip-link">
        Skip to the page
      </a>
      <AppShell.Header style={{ borderColor: 'var(--hairline)' }}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="xs">
          <Group gap={10} wrap="nowrap" style={{ minWidth: 0 }}>
            <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Navigation" />
            <Link to="/" className="row-link" style={{ display: 'flex', alignItems: 'center', gap: 10, minWidth: 0 }}>
              <img src="/weir.svg" alt="" width={26} height={26} />
              <Text fw={650} truncate component="span">
                {title}
              </Text>
            </Link>
            <EnvironmentBadge />
          </Group>
          <Group gap="sm" wrap="nowrap">
            <ConnectionState />
            <PaletteButton />
            <ZoneButton />
            <SchemeToggle />
            {account}
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label="Pages" style={{ borderColor: 'var(--hairline)' }}>
        <ScrollArea type="never" h="100%">
          <Navigation />
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main className="shell-main" id="page">
        {/* Every time on the page follows the zone. */}
        <div className="shell-page" key={zone}>
          <ProjectProblem />
          {children}
        </div>
      </AppShell.Main>
    </AppShell>
  );
}
