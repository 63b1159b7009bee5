import { z } from 'zod';
import { LOG_LEVELS, drainSeconds } from '#libs/service';
import { host, oneOf, port, url } from '#libs/settings';

/** The settings of the example when it runs alone. */
export const exampleSettings = z.object({
  EXAMPLE_HOST: host().default('0.0.0.0').describe('Address to listen on.'),
  EXAMPLE_PORT: port().default(3010).describe('Port of desktops, schedules and notes (HTTP).'),
  DRAIN_SECONDS: drainSeconds(),
  IDENTITY_JWKS_URL: url(['http:', 'https:'], 'http://gateway:9464/.well-known/jwks.json').describe(
    'URL of the gateway’s public keys: `/.well-known/jwks.json` on its `GATEWAY_INTERNAL_PORT`.',
  ),
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info').describe('Minimum level of log messages.'),
});

export type ExampleSettings = z.output<typeof exampleSettings>;
