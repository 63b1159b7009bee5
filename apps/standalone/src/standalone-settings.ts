import { z } from 'zod';
import { port, text } from '#libs/settings';

/**
 * The settings of `npm start`, besides those of keys and gateway, for which it has defaults, secrets included.
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
