import './mantine.css';
import './page.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { ErrorBoundary } from './error-boundary.js';
import { ApiError } from './api/call.js';
import { sessionQuery } from './session/use-session.js';
import { cssVariables, theme } from './theme.js';

/** How long to wait for the session before showing a loading indicator, so that it does not flash on fast connections. */
const LOADING_DELAY_MS = 100;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal is final; a request without a response is retried once.
      retry: (failures, err) => failures < 1 && !(err instanceof ApiError),
      // Browsers sometimes think they are offline when they are not. If they are right, the request fails at once.
      networkMode: 'always',
    },
  },
});

await Promise.race([
  queries.query(sessionQuery).catch(() => undefined), // the app shows the error
  new Promise((resolve) => setTimeout(resolve, LOADING_DELAY_MS)),
]);

const container = document.getElementById('page');
if (container === null) throw new Error('index.html has no element with the id "page"');

createRoot(container).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <ErrorBoundary>
        <QueryClientProvider client={queries}>
          <App />
        </QueryClientProvider>
      </ErrorBoundary>
    </MantineProvider>
  </StrictMode>,
);
