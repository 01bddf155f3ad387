import '@fontsource-variable/inter';
import './mantine.css';
import './style.css';
import { MantineProvider } from '@mantine/core';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { Gate } from './access/Gate.tsx';
import { RequestError } from './client.ts';
import { preloadPages } from './lazy-pages.tsx';
import { LiveUpdates } from './live.tsx';
import { router } from './router.tsx';
import { noticeRefusal } from './session.ts';
import { styleNonce } from './style-nonce.ts';
import { cssVariablesResolver, theme } from './theme.ts';

const Messages = lazy(() => import('./components/Messages.tsx').then((module) => ({ default: module.Messages })));

const RETRIES_MAX = 2;
const onError = (error: unknown): void => noticeRefusal(queryClient, error);
const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // A refusal would be repeated; only failed connections are retried.
      retry: (count, error) => count < RETRIES_MAX && (!(error instanceof RequestError) || isPassing(error.status)),
    },
  },
});

function isPassing(status: number): boolean {
  return status === 0 || status === 429 || status >= 502;
}

const element = document.getElementById('root');
if (element === null) throw new Error('index.html must hold an element with the id "root"; it holds none.');
createRoot(element).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={queryClient}>
        <Suspense>
          <Messages />
        </Suspense>
        <Gate>
          <LiveUpdates>
            <RouterProvider router={router} />
          </LiveUpdates>
        </Gate>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);

// After the first page has loaded; Safari has no requestIdleCallback.
setTimeout(preloadPages, 1_500);
