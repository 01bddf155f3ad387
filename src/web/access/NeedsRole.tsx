import { Card } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Role } from '#api';
import { Empty } from '../components/Notice.tsx';
import { denialOf, sessionQuery } from '../session.ts';

interface NeedsRoleProps {
  readonly needed: Role;
  readonly children: ReactNode;
}

/** A page for those with a role; for others, why they do not see it. */
export function NeedsRole({ needed, children }: NeedsRoleProps) {
  const denial = denialOf(useQuery(sessionQuery).data, needed);
  if (denial === undefined) return children;
  return (
    <Card>
      <Empty icon={<IconLock size={22} />} title="You may not see this page">
        {denial}
      </Empty>
    </Card>
  );
}
