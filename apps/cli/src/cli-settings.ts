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
  KEYS_ACTOR: text('must be a name of at most 200 characters on one line', /^[^\p{C}]{1,200}$/u)
    .optional()
    .describe(
      'Who makes changes, for the audit log; `--actor` comes first. Default: `cli:` and the name of the user who runs the command, or who runs it by sudo.',
    ),
});

/** Where `npm start` on this machine keeps its service tokens. */
export const dataFolder = z.object({ DATA_DIR: text('must be a folder').default('data') });
