import type { Logger } from 'pino';
import { startExample } from '../../../examples/desktops/src/start-example.js';
import type { GatewaySettings } from '../../gateway/src/gateway-settings.js';
import type { Stoppable } from '#libs/service';
import { IdentitySigner } from '#libs/signed-identity';

/** The running example, and the settings of a gateway in front of it. */
interface ExampleBehind extends Stoppable {
  readonly url: string;
  readonly gatewaySettings: GatewaySettings;
}

/**
 * Starts the example for the groups that have no service; undefined if each has one. The gateway's public keys follow from
 * its secret, so the example gets them directly, and no port needs to be opened for them.
 */
export async function startExampleUpstream(
  gateway: GatewaySettings,
  port: number,
  log: Logger,
): Promise<ExampleBehind | undefined> {
  const { UPSTREAM_DESKTOPS_URL, UPSTREAM_SCHEDULES_URL, UPSTREAM_KB_URL } = gateway;
  if (UPSTREAM_DESKTOPS_URL && UPSTREAM_SCHEDULES_URL && UPSTREAM_KB_URL) return undefined;
  const signer = await IdentitySigner.from(gateway.IDENTITY_SECRET);
  const settings = { EXAMPLE_HOST: '127.0.0.1', EXAMPLE_PORT: port, DRAIN_SECONDS: 0 };
  const example = await startExample(settings, log, { jwks: signer.jwks() });
  // An IP address, since localhost may resolve to ::1 first, where it does not listen.
  const url = `http://127.0.0.1:${new URL(example.url).port}`;
  const gatewaySettings = {
    ...gateway,
    UPSTREAM_DESKTOPS_URL: UPSTREAM_DESKTOPS_URL ?? url,
    UPSTREAM_SCHEDULES_URL: UPSTREAM_SCHEDULES_URL ?? url,
    UPSTREAM_KB_URL: UPSTREAM_KB_URL ?? url,
  };
  return { url, gatewaySettings, stop: () => example.stop() };
}
