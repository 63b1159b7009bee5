import { z } from 'zod';
import { text } from '#libs/settings';

/**
 * What the launcher can be told, besides the settings of keys and gateway: those it takes as they are, and fills in
 * what is missing, secrets included.
 */
export const standaloneSettings = z.object({
  DATA_DIR: text('must be a folder')
    .default('data')
    .describe('Where PostgreSQL and the secrets live. Delete it to start over.'),
});
