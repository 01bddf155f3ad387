import '@fontsource-variable/inter';
import './mantine.css';
import '@mantine/notifications/styles.css';
import './style.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RequestError } from './client.ts';
import { preloadPages } from './lazy-pages.tsx';
import { LiveUpdates } from './live.tsx';
import { router } from './router.tsx';
import { cssVariablesResolver, theme } from './theme.ts';

const RETRIES_MAX = 2;
const queryClient = new QueryClient({
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
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <LiveUpdates>
          <Notifications position="bottom-right" />
          <RouterProvider router={router} />
        </LiveUpdates>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);

// After the first page has loaded; Safari has no requestIdleCallback.
setTimeout(preloadPages, 1_500);
