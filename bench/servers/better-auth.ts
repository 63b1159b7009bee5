import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { APP_GUARD } from '@nestjs/core';
import { z } from 'zod';
import { runApplication } from './application.js';
import { BearerGuard } from './bearer.js';

/*
 * better-auth in the same application. It lives in bench/peers with its own package.json and lock file, so that nobody who
 * installs this product installs it; the compiler does not know its types, so its exports are checked here.
 */
interface Options {
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
  readonly rateLimit: boolean;
}
interface BetterAuth {
  readonly key: string;
  readonly ownerOf: (token: string) => Promise<string | undefined>;
}
const peer = z.object({
  openBetterAuth: z.custom<(options: Options) => Promise<BetterAuth>>((value) => typeof value === 'function'),
});
const settings = z
  .object({ DATABASE_URL: z.string(), REDIS_URL: z.string().optional(), RATE_LIMIT: z.enum(['on', 'off']) })
  .parse(process.env);

const path = join(import.meta.dirname, '../../../bench/peers/better-auth.js');
const { openBetterAuth } = peer.parse(await import(pathToFileURL(path).href));
const { key, ownerOf } = await openBetterAuth({
  databaseUrl: settings.DATABASE_URL,
  redisUrl: settings.REDIS_URL,
  rateLimit: settings.RATE_LIMIT === 'on',
});
process.stdout.write(`key ${key}\n`);
await runApplication({ providers: [{ provide: APP_GUARD, useValue: new BearerGuard(ownerOf) }] });
