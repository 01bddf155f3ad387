import { useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense } from 'react';
import { pages } from '#api';
import { sessionQuery } from '../session.ts';

const Entrance = lazy(async () => {
  const [{ Entrance: component }] = await Promise.all([import('./Entrance.tsx'), import('../style-pages.css')]);
  return { default: component };
});

/** Shows nothing until it is known who asks, then the pages or, at the same address, the login. */
export function Gate({ children }: { readonly children: ReactNode }) {
  const { data, isPending } = useQuery(sessionQuery);
  if (isPending) return null;
  const isSetup = window.location.pathname === pages.setup;
  // When it cannot be asked, the pages say so themselves.
  if (data === undefined || (data.identity !== null && !isSetup)) return children;
  return (
    <Suspense>
      <Entrance session={data} />
    </Suspense>
  );
}
