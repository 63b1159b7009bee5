import { apiKey } from '@better-auth/api-key';
import { redisStorage } from '@better-auth/redis-storage';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { Redis } from 'ioredis';
import pg from 'pg';

/**
 * better-auth with its API-key plugin, on PostgreSQL or with Redis as secondary storage and updates deferred until after
 * the response: the fastest way in its documentation. Creates its tables and one key; returns that key, and how to find a
 * key's owner.
 *
 * @param {{ databaseUrl: string, redisUrl?: string, rateLimit: boolean }} options
 */
export async function openBetterAuth({ databaseUrl, redisUrl, rateLimit }) {
  const redis = redisUrl === undefined ? undefined : new Redis(redisUrl);
  const auth = betterAuth({
    baseURL: 'http://localhost',
    secret: 'only for the benchmark, only for the benchmark',
    database: new pg.Pool({ connectionString: databaseUrl, max: 10 }),
    emailAndPassword: { enabled: true },
    logger: { disabled: true },
    telemetry: { enabled: false },
    ...(redis && { secondaryStorage: redisStorage({ client: redis }) }),
    advanced: { backgroundTasks: { handler: (task) => void task.catch(fail) } },
    plugins: [
      apiKey({
        // A budget that is counted for every request and never exhausted.
        rateLimit: { enabled: rateLimit, timeWindow: 86_400_000, maxRequests: 1_000_000_000 },
        ...(redis && { storage: 'secondary-storage', fallbackToDatabase: true, deferUpdates: true }),
      }),
    ],
  });
  await (await getMigrations(auth.options)).runMigrations();
  const { user } = await auth.api.signUpEmail({
    body: { name: 'Ada', email: 'ada@example.com', password: 'only for the benchmark' },
  });
  const { key } = await auth.api.createApiKey({ body: { name: 'Production CI', userId: user.id } });
  return {
    key,
    ownerOf: async (token) => {
      const { valid, key } = await auth.api.verifyApiKey({ body: { key: token } });
      return valid && key !== null ? key.referenceId : undefined;
    },
  };
}

function fail(err) {
  process.stderr.write(`${String(err)}\n`);
  process.exit(1);
}
