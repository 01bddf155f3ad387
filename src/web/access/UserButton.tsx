import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { sessionQuery } from '../session.ts';

const UserMenu = lazy(() => import('./UserMenu.tsx').then((module) => ({ default: module.UserMenu })));

/** The menu of the user; nothing where there is no login. */
export function UserButton() {
  const identity = useQuery(sessionQuery).data?.identity;
  if (identity == null || identity.kind === 'local') return null;
  return (
    <Suspense>
      <UserMenu identity={identity} />
    </Suspense>
  );
}
