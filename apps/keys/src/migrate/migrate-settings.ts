import { z } from 'zod';
import { text } from '#libs/settings';
import { keysSettings } from '../keys-settings.js';

/** The settings of `migrate`: the URL of the database as its owner, and the role that serves from it. */
export const migrateSettings = z.object({
  DATABASE_URL: keysSettings.shape.DATABASE_URL,
  DATABASE_PASSWORD: keysSettings.shape.DATABASE_PASSWORD,
  DATABASE_TLS_CA: keysSettings.shape.DATABASE_TLS_CA,
  DATABASE_SERVING_ROLE: text('must be the name of the role by which keys serves', undefined, 63)
    .optional()
    .describe('Role that the keys service serves with. It owns nothing; `migrate` grants it what it needs.'),
});
