import { z } from 'zod';
import { port, text } from '#libs/settings';

/**
 * What the launcher can be told, besides the settings of keys and gateway: those it takes as they are, and fills in
 * what is missing, secrets included.
 */
export const standaloneSettings = z.object({
  DATA_DIR: text('must be a folder')
    .default('data')
    .describe('Where PostgreSQL and the secrets live. Delete it to start over.'),
  EXAMPLE_PORT: port()
    .default(3010)
    .describe(
      'Port of `examples/desktops` on 127.0.0.1, which stands behind the gateway for each `UPSTREAM_..._URL` that is not set.',
    ),
});
