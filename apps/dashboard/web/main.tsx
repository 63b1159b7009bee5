import './mantine.css';
import './page.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { Broken } from './error-boundary.js';
import { ApiError } from './api/call.js';
import { sessionQuery } from './session/use-session.js';
import { cssVariables, theme } from './theme.js';

/** Until when nothing is shown rather than that the page loads, in milliseconds: what is there sooner need not flash by. */
const SOON_MS = 100;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // The backend's no is final; silence is tried once more.
      retry: (failures, err) => failures < 1 && !(err instanceof ApiError),
      // Also tried when the browser believes to be offline: it is sometimes wrong, and says so at once when it is right.
      networkMode: 'always',
    },
  },
});

await Promise.race([
  queries.query(sessionQuery).catch(() => undefined), // the page says so itself
  new Promise((resolve) => setTimeout(resolve, SOON_MS)),
]);

const place = document.getElementById('page');
if (place === null) throw new Error('index.html has no place for the page');

createRoot(place).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <Broken>
        <QueryClientProvider client={queries}>
          <App />
        </QueryClientProvider>
      </Broken>
    </MantineProvider>
  </StrictMode>,
);
