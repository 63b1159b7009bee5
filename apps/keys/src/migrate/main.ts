import { runProcess } from '#libs/service';
import { readSettings } from '#libs/settings';
import { openAsOwner } from '../database/open-database.js';
import { migrateSettings } from './migrate-settings.js';

/*
 * Migrates the keys database as its owner, grants the service's role what it needs, and exits. If it runs before keys,
 * the service needs neither the owner's password nor the right to change tables.
 */
await runProcess(async () => {
  const settings = readSettings(migrateSettings, process.env);
  const database = await openAsOwner(settings);
  await database.destroy();
  const { DATABASE_SERVING_ROLE: role } = settings;
  process.stdout.write(
    `The database is up to date${role === undefined ? '' : `, and ${role} may serve from it`}.\n`,
  );
  // Nothing keeps the process running: it exits here.
  return { stop: () => Promise.resolve() };
});
