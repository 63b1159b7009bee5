import { runProcess } from '#libs/service';
import { readSettings } from '#libs/settings';
import { openAsOwner } from '../database/open-database.js';
import { migrateSettings } from './migrate-settings.js';

/*
 * Brings the database of keys up to date as its owner, gives the role that serves its rights, and ends. Where it is run
 * before keys, the service needs neither the owner's password nor a right to change tables.
 */
await runProcess(async () => {
  const settings = readSettings(migrateSettings, process.env);
  const database = await openAsOwner(settings);
  await database.destroy();
  const { DATABASE_SERVING_ROLE: role } = settings;
  process.stdout.write(
    `The database is up to date${role === undefined ? '' : `, and ${role} may serve from it`}.\n`,
  );
  // Nothing runs on: the process ends here.
  return { stop: () => Promise.resolve() };
});
