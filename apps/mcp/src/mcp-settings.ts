import { z } from 'zod';
import { authorities, baseUrl, secretText } from '#libs/settings';

/** The form of a key, with any prefix. */
const KEY = /^[a-z][a-z0-9_]{0,19}_[0-9A-Za-z]{22}_[0-9A-Za-z]{46}$/;

/** The settings of the MCP server for one person's client. `NAME_FILE` names a file with the value. */
export const mcpSettings = z.object({
  LE_BUREAU_API_KEY: secretText(
    'must be a whole API key (sk_live_...), as the dashboard has shown it once',
    KEY,
  ).describe('The API key. Its capabilities decide which tools there are.'),
  LE_BUREAU_API_URL: baseUrl(['http:', 'https:'], 'https://api.example.com').describe(
    'URL of the public API: the gateway.',
  ),
  LE_BUREAU_TLS_CA: authorities()
    .optional()
    .describe('Certificates (PEM) to trust for `https://`, instead of the system’s.'),
});

export type McpSettings = z.output<typeof mcpSettings>;
