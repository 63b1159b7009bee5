import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { type HttpService, Readiness, startHttpService } from '#libs/service';
import type { PublicKeys } from '#libs/signed-identity';
import { type Clock, systemClock } from './clock.js';
import { ExampleAppModule } from './example.app.module.js';
import type { ExampleSettings } from './example-settings.js';

/** The maximum body size, in bytes: the gateway's maximum plus the defaults that it adds. */
const BODY_LIMIT = 1024 * 1024 + 1024;

/** Starts the example. `keys` are the gateway's public keys, or their URL. */
export function startExample(
  {
    EXAMPLE_HOST: host,
    EXAMPLE_PORT: port,
    DRAIN_SECONDS: drainSeconds,
  }: Pick<ExampleSettings, 'EXAMPLE_HOST' | 'EXAMPLE_PORT' | 'DRAIN_SECONDS'>,
  log: Logger,
  keys: PublicKeys,
  clock: Clock = systemClock,
): Promise<HttpService> {
  return startHttpService(ExampleAppModule.register(keys, clock), {
    log,
    host,
    port,
    portSettings: { EXAMPLE_PORT: port },
    internal: { host, port: undefined, metrics: new Registry() },
    bodyLimit: BODY_LIMIT,
    stopping: { drainSeconds },
    readiness: () => new Readiness(() => Promise.resolve(undefined)),
  });
}
