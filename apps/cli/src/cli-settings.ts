import { z } from 'zod';
import { authorities, baseUrl, secrets, text } from '#libs/settings';

/** The settings of the command line. */
export const cliSettings = z.object({
  KEYS_URL: baseUrl(['http:', 'https:'], 'http://localhost:3001')
    .default('http://localhost:3001')
    .describe('URL of the management API of keys.'),
  KEYS_TLS_CA: authorities()
    .optional()
    .describe('Certificates to trust for `KEYS_URL`, PEM, instead of the system’s.'),
  KEYS_MANAGE_TOKEN: secrets().describe(
    'Token for the management API; of several, the first is sent. Default: the one in the data folder of `npm start`.',
  ),
});

/** Where `npm start` on this machine keeps its service tokens. */
export const dataFolder = z.object({ DATA_DIR: text('must be a folder').default('data') });
